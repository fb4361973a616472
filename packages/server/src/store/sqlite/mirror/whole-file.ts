import type { DatabaseSync } from 'node:sqlite'
import type { KnownLog } from '../../../log/appender.ts'
import { withinTransaction } from '../sqlite-store.ts'
import { endedEnrolments } from './ended-enrolments.ts'
import { logTables } from './log-tables.ts'
import { partRows } from './part-rows.ts'
import { nameOf, type Part, partOfRow } from './parts.ts'

/** A document of the file, and the part that it is of. */
interface FileDocument {
  part: Part
  name: string
  text: string
}

/** Documents of everything that the file has, but for the ended enrolments that the cluster let go. */
export const documentsOf = (database: DatabaseSync): FileDocument[] => {
  const rows = partRows(database)
  const ended = endedEnrolments(database)
  const parts = Object.entries(partOfRow).flatMap(([table, part]) =>
    database
      .prepare(`SELECT DISTINCT ${part('new')} AS part FROM ${table} AS new`)
      .all()
      .map(({ part }) => JSON.parse(String(part)) as Part)
  )
  const byName = new Map([...parts, ['sequences'] as const].map((part) => [nameOf(part), part]))
  return [...byName].flatMap(([name, part]) => {
    const text = ended.isLetGo(part) ? null : rows.textOf(part)
    return text === null ? [] : [{ part, name, text }]
  })
}

/** Notes that the cluster has exactly the documents of the file, as a log that the file follows from now on. */
export const followFrom = (database: DatabaseSync, { log, number, documents }: KnownLog): void => {
  const tables = logTables(database)
  const ended = endedEnrolments(database)
  withinTransaction(database, 'COMMIT', () => {
    database.exec('DELETE FROM log_documents')
    for (const { part, name, text } of documentsOf(database)) {
      const at = documents.get(name)
      if (at === undefined) throw new Error(`${name} is not in the cluster`)
      tables.note({ name, text }, part, at)
      ended.note([part])
    }
    tables.follow(log, number)
  })
}

/** Lets the file follow no log any more: it is a store of its own. */
export const followNothing = (database: DatabaseSync): void =>
  withinTransaction(database, 'COMMIT', () =>
    database.exec('DELETE FROM log; DELETE FROM log_documents; DELETE FROM kept_ended; DELETE FROM let_go;')
  )
