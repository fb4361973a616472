import type { StatementSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { ProblemError } from '@joinery/protocol'
import type { Monotonic } from '../../../core/base/clock.ts'
import type { Appender } from '../../../core/ports/log/appender.ts'
import type { Change, CommitResult } from '../../../core/ports/store/change.ts'
import { DocumentTooLarge } from '../../../core/ports/store/document-too-large.ts'
import { type WriteParts, type Writes, withinTransaction } from '../sqlite-store.ts'
import {
  type AskedChange,
  batchTaker,
  changedDocuments,
  changesOf,
  type LandedChanges,
  type Outcome,
  reject,
  settle
} from './batch.ts'
import { logTables } from './log-tables.ts'
import { oneAtATime } from './one-at-a-time.ts'

export interface MirrorOptions {
  /**
   * Called if the log has a batch and this file could not take it, or became another one by it. Nothing may be answered any more: the
   * process ends, and the next one reads the log.
   */
  ended: (error: Error) => void
  monotonic: Monotonic
  /** Throws if the log could not take a batch now, as far as its appender knows. */
  requireLog?: () => void
  /** Ended enrolments that stay in the cluster. */
  endedKept?: number
  /** Called when the file is closed, which is after the batch that was under way. */
  closed?: () => void
}

/** Milliseconds for which a batch may be under way before the store counts as one that takes nothing. */
const patience = 5000

/**
 * Writes to the log first, and then to the file. A batch is written, looked at and undone, so that nobody reads it before it is
 * durable. The log takes the documents that it made. Then the same batch is written again and kept.
 */
export const mirrorWrites =
  (appender: Appender, options: MirrorOptions) =>
  (parts: WriteParts): Writes => {
    const writer = new MirrorWriter(appender, options, parts)
    const batches = oneAtATime<Change, CommitResult>((asked) => writer.fly(asked))
    let isClosing = false
    return {
      add: async (change) => {
        if (isClosing) throw unavailable('this server is ending')
        return batches.add(change)
      },
      check: () => writer.requireLog(),
      close: () => {
        if (isClosing) return
        isClosing = true
        const end = (): void => {
          parts.database.close()
          options.closed?.()
        }
        const flight = batches.flight()
        if (flight === undefined) end()
        else void flight.then(end)
      }
    }
  }

class MirrorWriter {
  readonly #appender: Appender
  readonly #options: MirrorOptions
  readonly #parts: WriteParts
  readonly #documents: ReturnType<typeof changedDocuments>
  readonly #dataVersion: StatementSync
  readonly #take = batchTaker((changes) => this.#evaluate(changes))
  #isOver = false
  /** When the batch under way began. */
  #since: number | undefined
  /** Version of the file when the batch under way was evaluated. */
  #version: unknown

  constructor(appender: Appender, options: MirrorOptions, parts: WriteParts) {
    this.#appender = appender
    this.#options = options
    this.#parts = parts
    this.#dataVersion = parts.database.prepare('PRAGMA data_version')
    this.#documents = changedDocuments(parts.database, logTables(parts.database), options.endedKept)
  }

  /** Throws if the log would take no batch now. */
  requireLog(): void {
    this.#options.requireLog?.()
    if (this.#since !== undefined && this.#options.monotonic() - this.#since > patience)
      throw unavailable('the cluster has not answered to a batch of the log for some seconds')
  }

  /** Brings a batch into the log and the file. */
  async fly(asked: readonly AskedChange[]): Promise<LandedChanges> {
    if (this.#isOver) return { left: [], answer: () => {} }
    const { batch, left, ...taken } = this.#take(asked)
    if ('error' in taken) return { left, answer: () => reject(batch, taken.error) }
    const { outcome } = taken
    const changes = changesOf(batch)
    const isWritten = changes.some((one, index) => isToWrite(one, outcome.results[index]))
    // what is refused, or only tried, waits for no log
    if (!isWritten) return { left, answer: () => settle(batch, outcome) }
    return { left, answer: await this.#write(batch, outcome) }
  }

  /** Writes a batch. Returns the function that answers. */
  async #write(batch: readonly AskedChange[], outcome: Outcome): Promise<() => void> {
    const changes = changesOf(batch)
    let number: number | undefined
    try {
      if (outcome.documents.length > 0) number = await this.#append(outcome)
      this.#keep(changes, outcome, number)
    } catch (error) {
      if (number === undefined) return () => reject(batch, error)
      this.#end(error)
      return () => {}
    }
    return () => settle(batch, outcome)
  }

  /** The log has the batch, so nobody may be told that it is not there. */
  #end(error: unknown): void {
    this.#isOver = true
    this.#options.ended(error instanceof Error ? error : new Error(String(error)))
  }

  async #append({ documents }: Outcome): Promise<number> {
    this.#since = this.#options.monotonic()
    try {
      return await this.#appender.append(documents.map(({ document }) => document))
    } finally {
      this.#since = undefined
    }
  }

  #evaluate(changes: readonly Change[]): Outcome {
    const { guard, database } = this.#parts
    return guard(() =>
      withinTransaction(database, 'ROLLBACK', () => {
        const written = this.#writeAll(changes)
        this.#version = this.#versionNow()
        return { ...written, documents: this.#fitting(written.parts) }
      })
    )
  }

  /** The documents of these parts. Throws `DocumentTooLarge`: such a change is refused alone, and not with those beside it. */
  #fitting(parts: Outcome['parts']): Outcome['documents'] {
    const documents = this.#documents.of(parts)
    for (const { document } of documents) {
      const why = this.#appender.refuses(document)
      if (why !== undefined) throw new DocumentTooLarge(why)
    }
    return documents
  }

  #keep(changes: readonly Change[], expected: Outcome, number: number | undefined): void {
    const { guard, database } = this.#parts
    guard(() =>
      withinTransaction(database, 'COMMIT', () => {
        const written = this.#writeAll(changes)
        const { results, parts, documents } = expected
        // documents are long: they are read again only if somebody else has written the file
        const isSame =
          isDeepStrictEqual(written, { results, parts }) &&
          (this.#versionNow() === this.#version || isDeepStrictEqual(this.#documents.of(parts), documents))
        if (!isSame) throw new Error('the same batch became another one')
        if (number !== undefined) this.#documents.note(documents, number)
        this.#documents.forget()
      })
    )
  }

  #writeAll(changes: readonly Change[]): Pick<Outcome, 'results' | 'parts'> {
    this.#parts.refuseDamaged()
    const results = changes.map(this.#parts.write)
    return { results, parts: this.#documents.parts() }
  }

  /** A number that is another one if another connection has written the file, https://www.sqlite.org/pragma.html#pragma_data_version */
  #versionNow(): unknown {
    return this.#dataVersion.get()?.data_version
  }
}

const isToWrite = (change: Change, result: CommitResult | undefined): boolean => !change.tried && result === 'committed'

const unavailable = (detail: string): ProblemError =>
  new ProblemError('store-unavailable', { detail, remedy: 'the server tries again; see joinery status' })
