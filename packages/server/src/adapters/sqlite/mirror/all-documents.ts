import type { DatabaseSync } from 'node:sqlite'
import type { KnownLog } from '../../../core/ports/log/appender.ts'
import { withinTransaction } from '../sqlite-store.ts'
import { timelineWriter } from '../timeline/timeline-writer.ts'
import { endedEnrolments } from './ended-enrolments.ts'
import { logTables } from './log-tables.ts'
import { partRows } from './part-rows.ts'
import { nameOf, type Part, partOfRow } from './parts.ts'

/** A document of the log, as it is made of the rows of a file. */
export interface FileDocument {
  name: string
  text: string
}

/**
 * The documents of everything that is in the file, for a log that is written from it. Ended enrolments that are too many are let go
 * before, and so is what a timeline has beyond its bounds. Throws `Damage`.
 */
export const allDocuments = (database: DatabaseSync, endedKept?: number): FileDocument[] =>
  withinTransaction(database, 'COMMIT', () => {
    const rows = partRows(database)
    const timelines = timelineWriter(database)
    for (const { subject } of database.prepare('SELECT DISTINCT subject FROM timeline').all())
      timelines.bound(String(subject))
    const ended = endedEnrolments(database, endedKept)
    const parts = partsOf(database)
    ended.note(parts)
    while (ended.letGo({ add: () => {} })) {
      // as many as a batch lets go, each time
    }
    return parts.flatMap((part) => {
      const text = ended.isLetGo(part) ? null : rows.textOf(part)
      return text === null ? [] : [{ name: nameOf(part), text }]
    })
  })

/** Notes that the file has exactly the documents of this log. The next take-over reads only what is newer. */
export const followLog = (database: DatabaseSync, { log, number, documents }: KnownLog): void =>
  withinTransaction(database, 'COMMIT', () => {
    const tables = logTables(database)
    database.exec('DELETE FROM log_documents')
    tables.follow(log, number)
    for (const part of partsOf(database)) {
      const name = nameOf(part)
      const known = documents.get(name)
      if (known !== undefined) tables.note({ name, text: '' }, part, known)
    }
  })

/** Lets the file follow no log any more: it is a store of its own. */
export const followNothing = (database: DatabaseSync): void =>
  withinTransaction(database, 'COMMIT', () =>
    database.exec('DELETE FROM log; DELETE FROM log_documents; DELETE FROM kept_ended; DELETE FROM let_go;')
  )

/** All parts that have rows. */
const partsOf = (database: DatabaseSync): Part[] => {
  const texts = new Set<unknown>()
  for (const [table, part] of Object.entries(partOfRow)) {
    const sql = `SELECT DISTINCT ${part('one')} AS part FROM main.${table} AS one`
    for (const row of database.prepare(sql).all()) texts.add(row.part)
  }
  return [...[...texts].map((text) => JSON.parse(String(text)) as Part), ['sequences']]
}
