/** Reason why a log or a store is treated as an older copy. */
export interface Restored {
  why: string
  /** Time of a fork that was found later. What was given since is not touched. Absent if everything has to be settled. */
  before?: string
  /** Number of the first batch of the term that began then. */
  upTo?: number
}
