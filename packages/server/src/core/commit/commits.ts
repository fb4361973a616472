import type { InjectionToken } from 'tsyringe'
import type { Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Change, CommitResult } from '../ports/store/change.ts'
import type { WritableStore } from '../ports/store/store.ts'

/** A change that was committed, at its place in the one order of this server's commits. Places count from 1, without a gap. */
export interface Committed {
  place: number
  change: Change
}

/** Follower hears of each commit once, in their order, before whoever asked for the commit goes on. Nothing waits for it. */
export interface Follower {
  /** Name in the log, if it throws. */
  name: string
  take(committed: Committed): void
}
export const Follower = Symbol('Follower') as InjectionToken<Follower>

/** LeavesOf gives the leaves of the audit log that a change is committed with. */
export type LeavesOf = (change: Change) => readonly string[]
export const LeavesOf = Symbol('LeavesOf') as InjectionToken<LeavesOf>

/** CommitMeter hears how each commit ended, and its milliseconds. */
export interface CommitMeter {
  ended(result: CommitResult | 'failed', milliseconds: number): void
}
export const CommitMeter = Symbol('CommitMeter') as InjectionToken<CommitMeter>

interface Parts {
  store: Pick<WritableStore, 'commit'>
  leavesOf: LeavesOf
  followers: () => readonly Follower[]
  monotonic: Monotonic
  log: Pick<Logger, 'error'>
  meter?: CommitMeter
}

/**
 * Commits is the only way to change the store. A change is written with its leaves, so a decision is durable with its leaf or not at all,
 * and no caller can forget one: they are made of what the caller writes. Then it has its place, and the followers hear of it. The
 * server's own bookkeeping has no place: each telling of it would make the next one.
 */
export class Commits {
  readonly #parts: Parts
  #place = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Place of the last commit. */
  get place(): number {
    return this.#place
  }

  /** Writes the change whole, or not at all. Throws what the store throws. */
  async append(change: Change): Promise<CommitResult> {
    const { store, leavesOf, monotonic, meter } = this.#parts
    const leaves = change.tried ? [] : [...leavesOf(change), ...(change.leaves ?? [])]
    const begun = monotonic()
    let result: CommitResult | 'failed' = 'failed'
    try {
      const whole = leaves.length === 0 ? change : { ...change, leaves }
      result = await store.commit(whole)
      if (result === 'committed' && isTold(change)) this.#tell(whole)
      return result
    } finally {
      meter?.ended(result, monotonic() - begun)
    }
  }

  #tell(change: Change): void {
    const { followers, log } = this.#parts
    this.#place += 1
    for (const follower of followers()) {
      try {
        follower.take({ place: this.#place, change })
      } catch (err) {
        // the commit is durable, whatever a follower makes of it
        log.error({ err, follower: follower.name }, 'a follower of commits failed')
      }
    }
  }
}

/** Parts of a change that are the server's own bookkeeping. */
const bookkeeping = ['generation', 'queue', 'audit']

/** True if the change is not only tried, and is of more than bookkeeping. */
const isTold = (change: Change): boolean =>
  !change.tried && Object.keys(change).some((part) => !bookkeeping.includes(part))

/** Ids of the enrolments that a change writes or deletes. */
export const enrolmentsIn = ({ enrolments = [], gone }: Change): string[] =>
  [...enrolments, ...(gone?.enrolments ?? [])].map(({ id }) => id)

/** Gives a follower that notes each enrolment which a commit writes or deletes, by its id. */
export const noteEnrolments = (name: string, note: (id: string) => void): Follower => ({
  name,
  take: ({ change }) => {
    for (const id of enrolmentsIn(change)) note(id)
  }
})

/** Ids of the codes that a change writes or deletes. */
export const codesIn = ({ codes = [], gone }: Change): string[] =>
  [...codes, ...(gone?.codes ?? [])].map(({ id }) => id)
