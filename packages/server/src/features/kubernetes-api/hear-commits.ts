import type { Store } from '../../core/ports/store/store.ts'

/** Functions that hear the id of each document that a commit may have written or deleted, and that a timeline may have grown. */
export interface Hearing {
  enrolment: (id: string) => void
  code: (id: string) => void
  entries: () => void
}

/** The store, of which others hear each enrolment and each code that a commit may have changed, when the commit is over. */
export const hearCommits = (store: Store, changed: Hearing): Store => ({
  ...store,
  commit: async (change) => {
    try {
      return await store.commit(change)
    } finally {
      for (const { id } of [...(change.enrolments ?? []), ...(change.gone?.enrolments ?? [])]) changed.enrolment(id)
      for (const { id } of [...(change.codes ?? []), ...(change.gone?.codes ?? [])]) changed.code(id)
      if ((change.entries ?? []).length > 0) changed.entries()
    }
  }
})
