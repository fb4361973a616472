import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { ObjectPage, SeenObject } from '../../../core/ports/objects/asked-objects.ts'
import { makerOf } from '../../../core/ports/objects/in-turns.ts'
import { NotSetUp } from '../../../core/ports/objects/not-set-up.ts'

/** Times that one look begins a list: an etcd that is compacted meanwhile forgets a list once, not again and again. */
const tries = 3

/** Lists that one look reads beside the first one, each without the users who fill the ones before. */
const further = 2

/** Part of a list that is one user's share. Who has more of a list that was cut is left out of the next one. */
const share = 1 / 10

export interface ListBounds {
  /** Objects that are asked for at a time. */
  page: number
  /** Objects that one list reads. */
  listed: number
}

export interface ReadList<Seen> {
  items: Seen[]
  /** True if the cluster has no others. */
  isComplete: boolean
  /** Reason why users keep objects of others out of the list. Absent if they do not. */
  trouble?: string
}

type Page<Seen> = (
  limit: number,
  after: string | undefined,
  without: readonly string[]
) => Promise<ObjectPage<Seen> | undefined>

/**
 * The objects, page by page, up to a bound. The API server lists by name, and names begin as their makers like. So a list that was
 * cut is followed by one without those who fill it: whoever makes thousands keeps nobody else's unread. `plural`: the name of the
 * objects.
 */
export const readList = async <Seen extends SeenObject>(
  page: Page<Seen>,
  bounds: ListBounds,
  plural: string
): Promise<ReadList<Seen>> => {
  const first = await readAll(page, bounds, plural, [])
  const found = new Map(first.items.map((item) => [item.uid, item]))
  const without: string[] = []
  let last = first
  let trouble: string | undefined
  for (let left = further; left > 0 && !last.isComplete; left -= 1) {
    const filling = whoFills(last.items, bounds)
    if (filling.length === 0) break
    without.push(...filling)
    try {
      last = await readAll(page, bounds, plural, without)
    } catch (error) {
      if (!(error instanceof NotSetUp)) throw error
      trouble = `some ${plural} of the cluster are not read, for users have made too many: ${error.message}`
      break
    }
    for (const item of last.items) found.set(item.uid, item)
  }
  return { items: [...found.values()], isComplete: first.isComplete, ...given({ trouble }) }
}

/** The users who have more than their share of a list. */
const whoFills = (items: readonly SeenObject[], { listed }: ListBounds): string[] =>
  [...Map.groupBy(items, makerOf)].flatMap(([maker, own]) =>
    maker !== '' && own.length > listed * share ? [maker] : []
  )

/** One list. Begins again if the cluster has forgotten it in the middle: what was read before that is of another moment. */
const readAll = async <Seen>(
  page: Page<Seen>,
  bounds: ListBounds,
  plural: string,
  without: readonly string[]
): Promise<ReadList<Seen>> => {
  for (let left = tries; left > 0; left -= 1) {
    const all = await readOnce(page, bounds, without)
    if (all !== undefined) return all
  }
  throw new ProblemError('cluster-unavailable', { detail: `the cluster forgot the list of ${plural} again and again` })
}

const readOnce = async <Seen>(
  page: Page<Seen>,
  bounds: ListBounds,
  without: readonly string[]
): Promise<ReadList<Seen> | undefined> => {
  const items: Seen[] = []
  let after: string | undefined
  do {
    const next = await page(Math.min(bounds.page, bounds.listed - items.length), after, without)
    if (next === undefined) return undefined
    items.push(...next.items)
    after = next.next
  } while (after !== undefined && items.length < bounds.listed)
  return { items, isComplete: after === undefined }
}
