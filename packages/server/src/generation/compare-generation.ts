import type { Generation } from '../store/store.ts'

/**
 * What the number in the cluster says of the store:
 * - known: all that the cluster was told is in it
 * - older: the cluster was told of something that is not in it
 * - empty: the same, of a store that was made without anything in it: what the cluster was told of was in another one
 * - restored: the same, of a store that is known to be older, and was settled
 * - unreadable: what is there is no number of a server
 */
export type Comparison =
  | { kind: 'known' | 'unreadable' }
  /** `noted`: the number in the cluster. */
  | { kind: 'older' | 'empty' | 'restored'; noted: number }

/** No server counts that far; what is above it somebody else wrote, and to count on from there would come to no good. */
const largest = 1e15

export const compareGeneration = ({ number, origin }: Generation, text: string | undefined): Comparison => {
  if (text === undefined || text === String(number)) return { kind: 'known' }
  const noted = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
  if (noted >= largest) return { kind: 'unreadable' }
  return noted <= number ? { kind: 'known' } : { kind: origin ?? 'older', noted }
}
