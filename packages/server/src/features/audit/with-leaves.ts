import type { Store } from '../../core/ports/store/store.ts'
import { leavesOf } from './leaves-of.ts'

/**
 * The store, each commit of which has its leaves of the audit log with it: a decision is durable with its leaf, or not at all. No
 * caller can forget one, since the leaves are made of what the caller writes. `added` hears that there are new ones.
 */
export const withLeaves = (store: Store, added: () => void): Store => ({
  ...store,
  commit: async (change) => {
    const leaves = change.tried ? [] : [...leavesOf(change), ...(change.leaves ?? [])]
    if (leaves.length === 0) return store.commit(change)
    const result = await store.commit({ ...change, leaves })
    if (result === 'committed') added()
    return result
  }
})
