import type { EnrolmentHead } from '../ports/store/documents/enrolment-document.ts'

/** The time of the last look at a Node, and of the first one since it is not Ready, in milliseconds of the monotonic clock. */
export interface Looked {
  first: number
  last: number
}

/** Pauses between two looks at a Node that has not been Ready for at most so long, in milliseconds. */
const pauses: readonly [age: number, pause: number][] = [
  [60_000, 5_000],
  [10 * 60_000, 20_000],
  [Number.POSITIVE_INFINITY, 120_000]
]

/** The enrolments whose Nodes are looked at now: the ones that were never looked at first, then those that have waited longest. */
export const looksDue = (
  heads: readonly EnrolmentHead[],
  looked: ReadonlyMap<string, Looked>,
  now: number
): EnrolmentHead[] => {
  const lastOf = ({ id }: EnrolmentHead): number => looked.get(id)?.last ?? Number.NEGATIVE_INFINITY
  return heads
    .filter((head) => now - lastOf(head) >= pauseOf(looked.get(head.id), now))
    .sort((one, other) => compare(lastOf(one), lastOf(other)))
}

const pauseOf = (looked: Looked | undefined, now: number): number =>
  looked === undefined ? 0 : (pauses.find(([age]) => now - looked.first <= age)?.[1] ?? 0)

const compare = (one: number, other: number): number => (one === other ? 0 : one < other ? -1 : 1)
