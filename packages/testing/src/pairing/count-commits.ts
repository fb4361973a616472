import { type Change, WritableStore } from '@joinery/server/testing/store'
import type { Test } from 'tap'
import { openPairing, type Pairing } from './pairing.ts'

/**
 * True for every commit but that of a generation, which a sweep raises, and those that are only about the audit log: each look of a
 * test is one or the other.
 */
const ofAnything = ({ generation, ...change }: Change): boolean =>
  generation === undefined && Object.keys(change).some((part) => part !== 'leaves' && part !== 'audit')

/** A pairing, and the number of its commits that `counts` so far. */
export const countCommits = async (
  t: Test,
  counts: (change: Change) => boolean = ofAnything
): Promise<{ pairing: Pairing; commits: () => number }> => {
  let commits = 0
  const pairing = await openPairing(t, {}, undefined, (container) => {
    const store = container.resolve(WritableStore)
    const commit = store.commit.bind(store)
    store.commit = (change) => {
      if (counts(change)) commits += 1
      return commit(change)
    }
  })
  return { pairing, commits: () => commits }
}
