import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { statusOf } from './errors.ts'

/** Objects in a page: the JSON of 5,000 Nodes in one piece stops everything else for a third of a second. */
export const pageSize = 250

/** How often a list may begin anew. */
const tries = 3

interface Page<O> {
  /** Of metadata alone an empty list is null. */
  items: O[] | null
  metadata?: { _continue?: string }
}

/**
 * All objects that `list` gives page by page, each as `read` reads it: what is not needed of a page goes before the next one comes.
 * All pages are of one moment, which the API server remembers for a few minutes: where it has forgotten it (410), the list begins
 * anew.
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

/** Undefined where the API server does not know any more how it goes on. */
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
