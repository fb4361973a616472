import type { DatabaseSync } from 'node:sqlite'
import type { NewDocument } from '../../../core/ports/log/appender.ts'
import type { Change, CommitResult } from '../../../core/ports/store/change.ts'
import { endedEnrolments } from './ended-enrolments.ts'
import type { LogTables } from './log-tables.ts'
import type { Asked, Landed } from './one-at-a-time.ts'
import { partRows } from './part-rows.ts'
import { nameOf, type Part } from './parts.ts'
import { touchedParts } from './touched.ts'

/** A change that somebody waits for. */
export type AskedChange = Asked<Change, CommitResult>

export type LandedChanges = Landed<Change, CommitResult>

/** Results and documents of a batch of changes. */
export interface Outcome {
  results: CommitResult[]
  /** Parts that were touched, also those that have no document. */
  parts: Part[]
  documents: { part: Part; document: NewDocument }[]
}

/** Characters of documents in one batch. What more is asked for is the next batch. A single change is never cut here. */
const mostText = 400_000

export const changesOf = (batch: readonly AskedChange[]): Change[] => batch.map(({ item }) => item)

type Taken = { batch: readonly AskedChange[]; left: readonly AskedChange[] } & (
  | { outcome: Outcome }
  | { error: unknown }
)

/** Most changes that are looked at for one batch, however many wait. */
const mostChanges = 512

/**
 * Makes the function that takes as many of what was asked for as fit in one batch, from the front, with what they do. What cannot be
 * written is refused when it is alone, so that nothing fails by another's fault. Changes that do not fit are evaluated for nothing,
 * so it begins with as many as may fit by the batch before.
 */
export const batchTaker = (evaluate: (changes: readonly Change[]) => Outcome) => {
  let most = 32
  return (asked: readonly AskedChange[]): Taken => {
    let batch = asked.slice(0, most)
    for (;;) {
      const left = asked.slice(batch.length)
      try {
        const outcome = evaluate(changesOf(batch))
        if (batch.length === 1 || textIn(outcome) <= mostText) {
          most = batch.length === most ? Math.min(2 * most, mostChanges) : most
          return { batch, outcome, left }
        }
      } catch (error) {
        if (batch.length === 1) return { batch, error, left }
      }
      batch = batch.slice(0, Math.ceil(batch.length / 2))
      most = batch.length
    }
  }
}

/** Answers each change of a batch with its result. */
export const settle = (batch: readonly AskedChange[], { results }: Outcome): void => {
  for (const [index, one] of batch.entries()) one.resolve(results[index] as CommitResult)
}

export const reject = (batch: readonly AskedChange[], error: unknown): void => {
  for (const one of batch) one.reject(error)
}

const textIn = ({ documents }: Outcome): number =>
  documents.reduce((sum, { document }) => sum + (document.text?.length ?? 0), 0)

/** Knows the documents of what the open transaction has changed. */
export const changedDocuments = (database: DatabaseSync, log: LogTables, endedKept: number | undefined) => {
  const rows = partRows(database)
  const touched = touchedParts(database)
  const ended = endedEnrolments(database, endedKept)
  return {
    /** The parts that were touched, in the order in which they were: a code comes before the enrolment that used it. */
    parts: (): Part[] => {
      ended.note(touched.all())
      ended.letGo(touched)
      // a place that only this file gives is given nowhere else
      if (touched.all().some(ended.isLetGo)) touched.add(['sequences'])
      return touched.all()
    },
    /** The documents of these parts. */
    of: (parts: readonly Part[]): Outcome['documents'] =>
      parts.flatMap((part) => {
        const document = { name: nameOf(part), text: ended.isLetGo(part) ? null : rows.textOf(part) }
        return document.text === null && !log.isKnown(document.name) ? [] : [{ part, document }]
      }),
    /** Notes the documents of a batch that is kept, by its number. */
    note: (documents: Outcome['documents'], number: number): void => {
      for (const { part, document } of documents) log.note(document, part, number)
      log.setNumber(number)
    },
    /** Begins again, at the end of a transaction that is kept. */
    forget: touched.forget
  }
}
