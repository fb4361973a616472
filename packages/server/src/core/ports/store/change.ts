import { day } from '@joinery/protocol'
import type { DecisionStatus } from '@joinery/protocol/door'
import type { AuditChange } from './audit-queue.ts'
import type { CodeDocument } from './documents/code-document.ts'
import type { EnrolmentDocument } from './documents/enrolment-document.ts'
import type { OutsiderDocument } from './documents/outsider-document.ts'
import type { QueueChange } from './notice-queue.ts'
import type { SubjectEntry } from './timeline.ts'

export interface Change {
  codes?: CodeDocument[]
  enrolments?: EnrolmentDocument[]
  outsiders?: OutsiderDocument[]
  /** Outsiders to delete, at the revision that was read. */
  forgotten?: Pick<OutsiderDocument, 'name' | 'revision'>[]
  /** Enrolments and codes to delete, at the revision that was read, with the timeline of each. */
  gone?: {
    enrolments: readonly Pick<EnrolmentDocument, 'id' | 'revision'>[]
    codes: readonly Pick<CodeDocument, 'id' | 'revision'>[]
  }
  /** Subjects whose timeline is deleted. `entries` begin it again. */
  untold?: string[]
  /** Entries to write. An entry with a `count` replaces the one of its subject, actor and event that has the same `at`. */
  entries?: SubjectEntry[]
  /** Names that were not in `takenNames`. If one is taken by now, the change is `stale`. */
  unclaimed?: string[]
  /**
   * Time at which no other control plane may be joining (`joinsNow`). If another one joins by now, the change is
   * `control-plane-busy`.
   */
  alone?: Date
  /** Bound of the enrolments that hold a place at that time (`joins`). If as many do by now, the change is `joins-full`. */
  joinsAtMost?: JoinsAtMost
  /**
   * Decision of the cluster that this change settles. If it is settled already, the change is `decided`. Those that were settled
   * `decidedKept` before it are forgotten.
   */
  decided?: Decided
  /** The change settles a store that came out of a backup. */
  settlesRestore?: true
  /** Changes of the queue of notices. */
  queue?: QueueChange
  /** Leaves for the audit log, in their order: the bytes of each, as text. */
  leaves?: readonly string[]
  /** Progress of the audit log. */
  audit?: AuditChange
  /** The change is only tried: the result is that of a commit now, and nothing is written. */
  tried?: true
  /** New number of the generation, which then has no `origin`. If it is not larger than before, the change is `stale`. */
  generation?: number
}

/** Bound of the machines that join at once, and the time at which it holds. */
export interface JoinsAtMost {
  at: Date
  machines: number
}

/**
 * - stale: a document is no longer at the revision that was read, or a name no longer unclaimed, or the generation is that large
 * - name-taken: two enrolments would hold one name
 * - key-taken: one key would have two live enrolments
 * - control-plane-busy: another control plane joins
 * - joins-full: as many machines join as may at once
 * - decided: the Decision is settled already
 */
export type CommitResult =
  | 'committed'
  | 'stale'
  | 'name-taken'
  | 'key-taken'
  | 'control-plane-busy'
  | 'joins-full'
  | 'decided'

/** Result of a Decision of the cluster, by the uid that the API server gave it. `at` is a time by the cluster's clock. */
export interface Decided extends Omit<DecisionStatus, 'conditions' | 'observedGeneration'> {
  uid: string
}

/** Milliseconds for which the result of a Decision is kept. After 7 days the Decision itself is too old to do anything. */
export const decidedKept = 8 * day
