import type { Generation } from '../store/store.ts'

/**
 * Verdict of the number in the cluster about the store:
 * - known: the store has all that the cluster was told
 * - older: the cluster was told of something that the store does not have
 * - empty: the same, for a store that was made empty: the cluster was told by another store
 * - restored: the same, for a store that is known to be older and was settled
 * - unreadable: the cluster has something that is no number of a server
 */
export type Comparison =
  | { kind: 'known' | 'unreadable' }
  /** `noted`: the number in the cluster. */
  | { kind: 'older' | 'empty' | 'restored'; noted: number }

/** Bound that no server counts up to. Somebody else wrote a larger number, and to count on from there would come to no good. */
const largest = 1e15

export const compareGeneration = ({ number, origin }: Generation, text: string | undefined): Comparison => {
  if (text === undefined || text === String(number)) return { kind: 'known' }
  const noted = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
  if (noted >= largest) return { kind: 'unreadable' }
  return noted <= number ? { kind: 'known' } : { kind: origin ?? 'older', noted }
}
