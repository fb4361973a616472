import type { DatabaseSync } from 'node:sqlite'
import { StartRefusal } from '../../../core/base/start-refusal.ts'
import type { TakenOver } from '../../../core/ports/log/appender.ts'
import { withinTransaction } from '../sqlite-store.ts'
import { type EndedEnrolments, endedEnrolments } from './ended-enrolments.ts'
import { logTables } from './log-tables.ts'
import {
  NotOurs,
  type PartDocument,
  type PartRows,
  partRows,
  type Row,
  readDocument,
  setSequences
} from './part-rows.ts'
import { nameOf, type Part } from './parts.ts'

type Taken = Pick<TakenOver, 'log' | 'number' | 'documents'>

/**
 * Brings the file to what the log has: in one transaction, each document that differs as a whole. What the log does not have goes,
 * but for the ended enrolments that the cluster let go. Throws `StartRefusal` if the file is of another log, or of none, or if a
 * document is not one of this program's.
 */
export const loadDocuments = (database: DatabaseSync, file: string, taken: Taken, endedKept?: number): void => {
  const log = logTables(database)
  const known = log.known()
  refuseOther(database, file, known?.log, taken.log)
  const rows = partRows(database)
  const ended = endedEnrolments(database, endedKept)
  withinTransaction(database, 'COMMIT', () => {
    const isWhole = known !== undefined && known.documents.size > 0
    if (!isWhole) removeAll(database)
    const there = new Set(taken.documents.map(({ name }) => name))
    const fresh = taken.documents.filter(({ name, number }) => known?.documents.get(name) !== number)
    const before = log.parts()
    for (const [name, part] of before) {
      if (there.has(name)) continue
      rows.remove(part)
      if (part[0] === 'subject') ended.takeBack(String(part[1]))
      log.note({ name, text: null }, part, taken.number)
    }
    for (const { name } of fresh) {
      const part = before.get(name)
      if (part !== undefined) rows.remove(part)
    }
    for (const { name, number, text } of fresh) {
      const part = insert(database, { rows, ended }, name, text)
      log.note({ name, text }, part, number)
    }
    setSequences(database, sequencesIn(taken))
    requireOnes(database)
    log.follow(taken.log, taken.number)
  })
}

interface Writers {
  rows: PartRows
  ended: EndedEnrolments
}

/** Writes a document into the file. Returns its part. */
const insert = (database: DatabaseSync, writers: Writers, name: string, text: string): Part => {
  try {
    const document = readDocument(text)
    const { part } = document
    if (nameOf(part) !== name) throw new NotOurs('it is the document of something else')
    // the last places are set when all rows are there
    if (part[0] === 'sequences') return part
    if (part[0] === 'subject') makeWay(database, writers, document)
    // a part of which there is always something has the rows of a new store
    writers.rows.remove(part)
    writers.rows.insert(document)
    writers.ended.note([part])
    return part
  } catch (error) {
    const reason = notOurs(error)
    if (reason === undefined) throw error
    throw new StartRefusal(
      `the document ${name} of the log is not one that this joinery-server wrote: ${reason}`,
      `see who wrote it: kubectl --namespace joinery-system get logdocuments.log.joinery.dev ${name} --output yaml --show-managed-fields`
    )
  }
}

/** Takes enrolments that the cluster let go out of the way of a document: the same one, or those that have its places. */
const makeWay = (database: DatabaseSync, { rows, ended }: Writers, { part, rows: own }: PartDocument): void => {
  const gone = (id: unknown): void => {
    const other: Part = ['subject', String(id)]
    if (!ended.isLetGo(other)) return
    rows.remove(other)
    ended.takeBack(String(id))
  }
  gone(part[1])
  if (ended.isEmpty()) return
  const [enrolmentAt, subjectAt] = [
    database.prepare('SELECT id AS subject FROM enrolments WHERE rowid = ?'),
    database.prepare('SELECT subject FROM timeline WHERE sequence = ?')
  ]
  for (const { rowid = null } of own.enrolments ?? []) gone(enrolmentAt.get(rowid)?.subject)
  for (const { sequence = null } of own.timeline ?? []) gone(subjectAt.get(sequence)?.subject)
}

/** SQLite's primary result code for a row that a table does not take, https://www.sqlite.org/rescode.html */
const constraint = 19

/** Reason why a document could not be written that lies in the document. Undefined for any other error. */
const notOurs = (error: unknown): string | undefined => {
  if (error instanceof NotOurs) return error.message
  if (!(error instanceof Error && 'errcode' in error) || (Number(error.errcode) & 0xff) !== constraint) return undefined
  return `its rows do not fit those of the others (${error.message})`
}

const refuseOther = (database: DatabaseSync, file: string, known: string | undefined, log: string): void => {
  if (known === log) return
  if (known !== undefined)
    throw new StartRefusal(
      `${file} follows the log ${known}, and the cluster has the log ${log}`,
      'see which one is right: joinery-server store adopt --cluster, or --local'
    )
  refuseOwn(database, file)
}

/** Throws `StartRefusal` if the file follows no log, and has something in it. */
export const refuseOwn = (database: DatabaseSync, file: string): void => {
  if (logTables(database).known() !== undefined || isEmpty(database)) return
  throw new StartRefusal(
    `${file} is a store of its own, and this server is configured with store: cluster`,
    'bring it into the cluster: joinery-server store move --to cluster; or move joinery.db, joinery.db-wal and joinery.db-shm away together'
  )
}

/** True if nothing was ever written into the store. */
const isEmpty = (database: DatabaseSync): boolean =>
  tablesOfRows.every((table) => database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined) &&
  database.prepare('SELECT number FROM generation').get()?.number === 0

/** Tables that begin without a row. */
const tablesOfRows = ['codes', 'enrolments', 'timeline', 'outsiders', 'decisions', 'receivers', 'notices', 'leaves']

/** Removes everything that the log could have. The enrolments that the cluster let go are only here, so they stay. */
const removeAll = (database: DatabaseSync): void =>
  database.exec(`
DELETE FROM enrolments WHERE id NOT IN (SELECT enrolment FROM let_go);
DELETE FROM timeline WHERE subject NOT IN (SELECT enrolment FROM let_go);
${tablesOfRows
  .filter((table) => table !== 'enrolments' && table !== 'timeline')
  .map((table) => `DELETE FROM ${table};`)
  .join('\n')}
DELETE FROM generation; DELETE FROM restored; DELETE FROM mark; DELETE FROM audit; DELETE FROM kept_ended; DELETE FROM log_documents;`)

/** Makes the rows of which there is always one, as they are in a new store. */
const requireOnes = (database: DatabaseSync): void =>
  database.exec(`
INSERT INTO generation VALUES (1, 0, 'empty', NULL) ON CONFLICT DO NOTHING;
INSERT INTO restored VALUES (1, NULL) ON CONFLICT DO NOTHING;
INSERT INTO audit VALUES (1, 0, 0, NULL) ON CONFLICT DO NOTHING;`)

const sequencesIn = ({ documents }: Taken): Row[] => {
  const text = documents.find(({ name }) => name === 'sequences')?.text
  return text === undefined ? [] : (readDocument(text).rows.sqlite_sequence ?? [])
}
