import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { statusOf } from './errors.ts'

/** Objects in a page: the JSON of 5,000 Nodes in one piece stops everything else for a third of a second. */
export const pageSize = 250

/** Most tries to read a list: it may have to begin again. */
const tries = 3

interface Page<O> {
  /** Objects of the page. An empty list is null if only metadata was asked for. */
  items: O[] | null
  metadata?: { _continue?: string }
}

/**
 * Reads all objects that `list` returns page by page, each by `read`, so that what is not needed of a page goes before
 * the next one comes. All pages are of one moment, which the API server remembers for a few minutes. If it has
 * forgotten that moment (410), the list begins again. Throws `cluster-unavailable` if that happens too often.
 */
export const inPages = async <O, T>(
  list: (page: { limit: number; _continue?: string }) => Promise<Page<O>>,
  read: (object: O) => T
): Promise<T[]> => {
  for (let left = tries; left > 0; left -= 1) {
    const all = await allPages(list, read)
    if (all !== undefined) return all
  }
  throw new ProblemError('cluster-unavailable', {
    detail: `the API server forgot a list before it was read, ${tries} times (410)`
  })
}

/** Reads all pages once. Undefined if the API server has forgotten how the list goes on. */
const allPages = async <O, T>(
  list: Parameters<typeof inPages<O, T>>[0],
  read: (object: O) => T
): Promise<T[] | undefined> => {
  const all: T[] = []
  let next: string | undefined
  do {
    try {
      const { items, metadata } = await list({ limit: pageSize, ...given({ _continue: next }) })
      for (const object of items ?? []) all.push(read(object))
      next = metadata?._continue || undefined
    } catch (error) {
      if (next === undefined || statusOf(error) !== 410) throw error
      return undefined
    }
  } while (next !== undefined)
  return all
}
