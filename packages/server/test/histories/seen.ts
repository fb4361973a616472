import type { Change } from '../../src/core/ports/store/change.ts'
import type { CodeDocument } from '../../src/core/ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../src/core/ports/store/documents/enrolment-document.ts'
import type { SubjectEntry } from '../../src/core/ports/store/timeline.ts'

/** A commit that the program of a server asked its store for. Times are milliseconds of the world. */
export interface Commit {
  /** Name of the process that asked. */
  process: string
  change: Change
  asked: number
  /** Time at which the store answered. Absent if it never did: nobody knows what became of the commit. */
  told?: number
  /** True if the answer was that the commit is durable. */
  isDone?: boolean
}

/** A request of a machine or an operator, and what came of it. */
export interface Asked {
  call: 'create' | 'revoke' | 'enrol' | 'claim' | 'approve' | 'reject'
  process: string
  asked: number
  /** Time of the answer. Absent if none came. */
  told?: number
  /** Code of the problem that it was answered with. */
  problem?: string
  /** Id of the code, or of the enrolment, that it is about. */
  about?: string
  /** Key of the machine that asked. */
  key?: string
  /** True if the answer made an enrolment. */
  isNew?: boolean
  /** Credential of a claim. */
  given?: { attempt: number; token: string }
}

/** A read that a server answered while it was the active one, by the revision of each document. */
export interface Read {
  process: string
  asked: number
  revisions: ReadonlyMap<string, number>
}

/** etcd was put back to an older state. */
export interface Restore {
  at: number
  /** Time at which that state was the newest one. */
  to: number
}

/** A server that took the log over, or was refused to. */
export interface TakeOver {
  process: string
  at: number
  /** Code of the refusal, if it was refused. */
  refused?: string
  /** Why it treats the log as an older copy, if it does. */
  settled?: string
}

/** A process of a server, as long as it lived. */
export interface Life {
  process: string
  from: number
  /** Time of its end. Absent if it never ended. */
  until?: number
}

/** Somebody deleted or edited a document of the log by hand. */
export interface Hand {
  at: number
  document: string
}

/** What a store has. */
export interface Content {
  codes: readonly CodeDocument[]
  enrolments: readonly EnrolmentDocument[]
  leaves: readonly string[]
  generation: number
}

/** What the last server has, with all timelines. */
export type End = Content & { entries: readonly SubjectEntry[] }

/** All that was seen of one history. */
export interface Seen {
  commits: Commit[]
  asked: Asked[]
  reads: Read[]
  /** What failed, and on which host: for people. */
  faults: { at: number; what: string; host: string }[]
  restores: Restore[]
  takeOvers: TakeOver[]
  hands: Hand[]
  /** Documents that a server wrote still, of batches that a restore had taken away. */
  late: Hand[]
  lives: Life[]
  /** Times at which a server, or a person after a refusal, said that the log is not as a server left it. */
  words: number[]
  /** Ids of the tokens that were made in the cluster. */
  tokens: string[]
  /** Reasons for which a server ended that must not happen. */
  broken: string[]
  /** What the last server has. Undefined if none could take over. */
  end?: End
  /** All rows of each server at the end, when each of them has taken over in turn. */
  rows: { host: string; rows: Readonly<Record<string, unknown[]>> }[]
}

export const nothingSeen = (): Seen => ({
  commits: [],
  asked: [],
  reads: [],
  faults: [],
  restores: [],
  takeOvers: [],
  hands: [],
  late: [],
  lives: [],
  words: [],
  tokens: [],
  broken: [],
  rows: []
})
