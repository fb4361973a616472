import type { Generation } from '../ports/store/store-age.ts'
import type { NotedNumber } from './seal-generation.ts'

/**
 * Verdict of the number in the cluster about the store:
 * - known: the store has all that the cluster was told
 * - older: the cluster was told of something that the store does not have
 * - empty: the same, for a store that was made empty: the cluster was told by another store
 * - restored: the same, for a store that is known to be older and was settled
 * - unreadable: the cluster has something that no server with these keys wrote
 */
export type Comparison =
  | { kind: 'known' | 'unreadable' }
  /** `noted`: the number in the cluster. */
  | { kind: 'older' | 'empty' | 'restored'; noted: number }

/**
 * Compares the store with what the cluster has. A number without a MAC is anybody's word, and is believed only until the store
 * has told one with a MAC. A number that says nothing new needs no belief.
 */
export const compareGeneration = (
  { number, origin, sealed }: Generation,
  noted: NotedNumber | undefined
): Comparison => {
  if (noted === undefined) return { kind: 'unreadable' }
  if (noted.number <= number) return { kind: 'known' }
  return noted.isSealed || !sealed ? { kind: origin ?? 'older', noted: noted.number } : { kind: 'unreadable' }
}
