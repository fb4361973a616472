import type { State, TimelineEntry } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { NamedPackages } from './agent-packages.ts'
import type { AuditQueue } from './audit-queue.ts'
import type { Change, CommitResult } from './change.ts'
import type { CodeSearch } from './code-search.ts'
import type { Counts } from './counts.ts'
import type { CodeDocument } from './documents/code-document.ts'
import type { EnrolmentDocument, EnrolmentHead } from './documents/enrolment-document.ts'
import type { Ended } from './ended.ts'
import type { Placed } from './list-page.ts'
import type { Names } from './names.ts'
import type { NoticeQueue } from './notice-queue.ts'
import type { ObjectsAsked } from './objects-asked.ts'
import type { Sights } from './sights.ts'
import type { StoreAge } from './store-age.ts'

/**
 * Store keeps codes, enrolments, outsiders and timelines, and is read here: `Commits` alone changes it. A query that one part alone
 * asks stands in an interface of its own, beside this one. Throws ProblemError `store-full`, `store-unavailable` and
 * `store-damaged`.
 */
export interface Store {
  codeByHash(hash: string): Promise<CodeDocument | undefined>
  code(id: string): Promise<CodeDocument | undefined>
  codes(): Promise<CodeDocument[]>
  enrolment(id: string): Promise<EnrolmentDocument | undefined>
  /** Enrolments whose id ends or begins with this text, at most `limit` of them. */
  enrolmentsByShortId(short: string, limit: number): Promise<EnrolmentDocument[]>
  /** The newest enrolment of this key. */
  enrolmentByKey(key: string): Promise<EnrolmentDocument | undefined>
  /**
   * Enrolments in these states, or in any, in order of creation. With `enteredBy`, only those that entered their state by then.
   * Many are read in several turns of the event loop. An enrolment that changes meanwhile is given as it was or as it is, or is
   * left out if it no longer fits.
   */
  enrolments(states?: readonly State[], enteredBy?: Date): Promise<EnrolmentDocument[]>
  /** Enrolments that hold the name or want it, or did, in order of creation. */
  enrolmentsByName(name: string): Promise<EnrolmentDocument[]>
  /**
   * Walks the enrolments after this place, in order of creation: all, or only those of a state, of a name, or of both. A page
   * costs only what is on it.
   */
  walkEnrolments(after: number, which?: { state?: State; name?: string }): AsyncIterable<Placed<EnrolmentDocument>>
  /**
   * Heads of the enrolments beyond `pending` that are not `settled`, in order of creation. The cost of a pass of the reconciler
   * follows their number.
   */
  unsettled(): Promise<EnrolmentHead[]>
  /** Heads of the enrolments that hold one of the names or want it, or did, in order of creation. */
  headsByName(names: readonly string[]): Promise<EnrolmentHead[]>
  /** Everything that happened to a code, an enrolment, or another subject (see `SubjectEntry`), oldest first. */
  timeline(subject: string): Promise<TimelineEntry[]>
  /** Throws if the store could not take a commit now. */
  check(): Promise<void>
}
export const Store = Symbol('Store') as InjectionToken<Store>

/**
 * A store with the one way to change it, with the queries that have one user each, and with the queues that two features read. If
 * `commit` returns `committed`, all of the change is durable. Otherwise none of it is. Each document carries the revision that was read
 * (0 for a new one), and a commit is the compare-and-swap on that revision. After `store-damaged` nothing is committed until `check` has found the store whole.
 */
export interface WritableStore
  extends Store,
    Names,
    CodeSearch,
    Ended,
    Sights,
    ObjectsAsked,
    StoreAge,
    Counts,
    NamedPackages {
  commit(change: Change): Promise<CommitResult>
  /** The queue of notices to webhooks, and the timelines as those who follow them read them. */
  notices: NoticeQueue
  /** Leaves of the audit log that are durable and not in its folder yet, and how far the log is. */
  audit: AuditQueue
  close(): void
}
export const WritableStore = Symbol('WritableStore') as InjectionToken<WritableStore>
