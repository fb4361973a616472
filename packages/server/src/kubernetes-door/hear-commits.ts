import type { Store } from '../store/store.ts'

/** The store, of which `changed` hears each enrolment that a commit may have written or deleted, when the commit is over. */
export const hearCommits = (store: Store, changed: (id: string) => void): Store => ({
  ...store,
  commit: async (change) => {
    try {
      return await store.commit(change)
    } finally {
      for (const { id } of [...(change.enrolments ?? []), ...(change.gone?.enrolments ?? [])]) changed(id)
    }
  }
})
