import { ProblemError } from '@joinery/protocol'
import type { Monotonic } from '../../../src/core/base/clock.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import type { Commit, Seen } from '../seen.ts'

/** The store, of which each commit is written down: what was asked, and what the program was told. */
export const recordedStore = (
  store: WritableStore,
  process: string,
  now: Monotonic,
  seen: Pick<Seen, 'commits'>
): WritableStore => ({
  ...store,
  commit: async (change) => {
    if (change.tried) return store.commit(change)
    const commit: Commit = { process, change: structuredClone(change), asked: now() }
    seen.commits.push(commit)
    const told = (isDone: boolean): void => void Object.assign(commit, { told: now(), isDone })
    try {
      const result = await store.commit(change)
      told(result === 'committed')
      return result
    } catch (error) {
      if (error instanceof ProblemError) told(false)
      throw error
    }
  }
})
