import type { InjectionToken } from 'tsyringe'

/** Reason why a log or a store is treated as an older copy. */
export interface Restored {
  why: string
  /** Time of a fork that was found later. What was given since is not touched. Absent if everything has to be settled. */
  before?: string
  /** Number of the first batch of the term that began then. */
  upTo?: number
}

/**
 * Generation of a store. `number` only grows, and is the largest that the cluster was ever told. `origin` is there if the store
 * was not compared yet with what the cluster knows, and nothing in it is older than that. Such a store was made empty, or came
 * out of a backup and was settled. `sealed` is there once the number was raised by a program that tells it with a MAC.
 */
export interface Generation {
  number: number
  origin?: 'empty' | 'restored'
  sealed?: true
}

/** StoreAge shows whether the store is an older copy. It throws as the store does. */
export interface StoreAge {
  /**
   * Reason why this store is an older copy, or may be one, until a commit has settled that: it came out of a backup, or a server took the
   * log over without memory of it. Undefined for any other store.
   */
  restored(): Promise<Restored | undefined>
  /** Generation of this store. It shows whether the store is an older copy. */
  generation(): Promise<Generation>
}
export const StoreAge = Symbol('StoreAge') as InjectionToken<StoreAge>
