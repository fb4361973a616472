import { ProblemError } from '@joinery/protocol'
import type { ObjectPage } from './asked-objects.ts'

/** Times that one look begins a list: an etcd that is compacted meanwhile forgets a list once, not again and again. */
const tries = 3

export interface ListBounds {
  /** Objects that are asked for at a time. */
  page: number
  /** Objects that one look reads. */
  listed: number
}

export interface ReadList<Seen> {
  items: Seen[]
  /** True if the cluster has no others. */
  isComplete: boolean
}

type Page<Seen> = (limit: number, after?: string) => Promise<ObjectPage<Seen> | undefined>

/**
 * All objects, page by page, up to a bound. Begins again if the cluster has forgotten the list in the middle: what was read
 * before that is of another moment. `plural`: the name of the objects.
 */
export const readList = async <Seen>(page: Page<Seen>, bounds: ListBounds, plural: string): Promise<ReadList<Seen>> => {
  for (let left = tries; left > 0; left -= 1) {
    const all = await readOnce(page, bounds)
    if (all !== undefined) return all
  }
  throw new ProblemError('cluster-unavailable', { detail: `the cluster forgot the list of ${plural} again and again` })
}

const readOnce = async <Seen>(page: Page<Seen>, bounds: ListBounds): Promise<ReadList<Seen> | undefined> => {
  const items: Seen[] = []
  let after: string | undefined
  do {
    const next = await page(Math.min(bounds.page, bounds.listed - items.length), after)
    if (next === undefined) return undefined
    items.push(...next.items)
    after = next.next
  } while (after !== undefined && items.length < bounds.listed)
  return { items, isComplete: after === undefined }
}
