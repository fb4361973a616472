import type { InjectionToken } from 'tsyringe'
import type { Change, Store } from '../ports/store/store.ts'

/**
 * Functions that hear what a commit may have written or deleted, when it is over: the ids of enrolments and codes, that timelines may have
 * grown, and a change that was committed for certain. None may throw, and nothing waits for them.
 */
export interface Hearer {
  /** The leaves of the audit log that a change is committed with. */
  leaves?(change: Change): readonly string[]
  /** Hears that leaves were committed. */
  left?(): void
  enrolment?(id: string): void
  code?(id: string): void
  entries?(): void
  committed?(change: Change): void
}
export const Hearer = Symbol('Hearer') as InjectionToken<Hearer>

/**
 * The store, whose commits the hearers hear. Each commit has its leaves with it: a decision is durable with its leaf, or not at all. No
 * caller can forget one, since the leaves are made of what the caller writes.
 */
export const heardStore = (store: Store, hearers: () => readonly Hearer[]): Store => ({
  ...store,
  commit: async (change) => {
    const all = hearers()
    const leaves = change.tried ? [] : leavesOf(change, all)
    let isCommitted = false
    try {
      const result = await store.commit(leaves.length === 0 ? change : { ...change, leaves })
      isCommitted = result === 'committed' && !change.tried
      return result
    } finally {
      for (const hearer of all) tell(hearer, change, isCommitted, leaves.length > 0)
    }
  }
})

const leavesOf = (change: Change, hearers: readonly Hearer[]): string[] => [
  ...hearers.flatMap((hearer) => hearer.leaves?.(change) ?? []),
  ...(change.leaves ?? [])
]

const tell = (hearer: Hearer, change: Change, isCommitted: boolean, hasLeaves: boolean): void => {
  if (isCommitted) hearer.committed?.(change)
  if (isCommitted && hasLeaves) hearer.left?.()
  for (const { id } of [...(change.enrolments ?? []), ...(change.gone?.enrolments ?? [])]) hearer.enrolment?.(id)
  for (const { id } of [...(change.codes ?? []), ...(change.gone?.codes ?? [])]) hearer.code?.(id)
  if ((change.entries ?? []).length > 0) hearer.entries?.()
}
