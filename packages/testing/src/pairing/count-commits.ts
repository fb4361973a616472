import { type Change, Store } from '@joinery/server/testing/store'
import type { Test } from 'tap'
import { openPairing, type Pairing } from './pairing.ts'

/** True for every commit but that of a generation: a sweep raises it, and each look of a test is one. */
const ofAnything = ({ generation }: Change): boolean => generation === undefined

/** A pairing, and the number of its commits that `counts` so far. */
export const countCommits = async (
  t: Test,
  counts: (change: Change) => boolean = ofAnything
): Promise<{ pairing: Pairing; commits: () => number }> => {
  let commits = 0
  const pairing = await openPairing(t, {}, undefined, (container) => {
    const store = container.resolve(Store)
    const commit = store.commit.bind(store)
    store.commit = (change) => {
      if (counts(change)) commits += 1
      return commit(change)
    }
  })
  return { pairing, commits: () => commits }
}
