import type { NewDocument } from './format.ts'
import type { WhyNot } from './log-objects.ts'

export type { NewDocument }

/** Makes batches durable, in the order in which they are asked for. */
export interface Appender {
  /**
   * Resolves with the number of the batch once it is durable. Rejects with ProblemError `store-unavailable` (503, Retry-After)
   * if it surely is not, and never will be. Settles not at all if nobody can say: then the process ends.
   */
  append(documents: readonly NewDocument[]): Promise<number>
  /** Reason why this document can never be written. Undefined if it can. */
  refuses(document: NewDocument): string | undefined
}

/** Knowledge of the local file about its log. */
export interface KnownLog {
  log: string
  /** Number of the last batch that is in the file. */
  number: number
  /** Number of each live document, by its name. */
  documents: ReadonlyMap<string, number>
}

/** A live document of the log. */
export interface LiveDocument {
  name: string
  number: number
  text: string
}

/** Result of a take-over: the log, and the way to append to it. */
export interface TakenOver {
  log: string
  number: number
  term: number
  documents: readonly LiveDocument[]
  appender: Appender
  /** Sends nothing more. Resolves when nothing is under way any more. */
  close(): Promise<unknown>
}

/** A log that was taken over, with what people want to know of it. */
export interface OpenLog extends TakenOver {
  facts(): LogFacts
  /** Has the head looked at soon, because etcd may have been restored. `deposed` hears it if it was. */
  doubt(): void
}

/** State of the log, for people. */
export interface LogFacts {
  number: number
  term: number
  /** Batches that the head holds, because not all of their documents are written. */
  batches: number
  headBytes: number
  /** Bytes that this process has written to etcd, as requests. */
  written: number
  /** Documents whose newest content is not written yet. */
  waiting: number
  /** Live documents, and the bytes that they take. */
  documents: number
  bytes: number
  /** Milliseconds for which nothing can be written, and why. Absent if it can. */
  unavailable?: WhyNot & { for: number }
  /** Reason why documents wait. Absent if they wait for nothing but their turn. */
  behind?: WhyNot
}
