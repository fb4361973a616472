import type { DatabaseSync } from 'node:sqlite'
import type { KnownLog, TakenOver } from '../../../core/ports/log/appender.ts'
import type { WritableStore } from '../../../core/ports/store/store.ts'
import { explained } from '../damage.ts'
import { openDatabase, storeOn, withinTransaction } from '../sqlite-store.ts'
import { timelineWriter } from '../timeline/timeline-writer.ts'
import { endedEnrolments } from './ended-enrolments.ts'
import { loadDocuments, refuseOwn } from './load-documents.ts'
import { logTables } from './log-tables.ts'
import { type MirrorOptions, mirrorWrites } from './mirror-writes.ts'
import { partRows } from './part-rows.ts'
import { nameOf, type Part, partOfRow } from './parts.ts'

/** A file that follows the log of a cluster. It can be made again from the log at any time. */
export interface Mirror {
  /** Throws `StartRefusal` if the file follows no log, and has something in it: a store of its own. */
  refuseOwn(): void
  /** The log that the file follows, as far as the file knows it. Undefined for a file that never followed one. */
  known(): KnownLog | undefined
  /**
   * The store of the server that has taken over the log, once the file is what the log is. Throws `StartRefusal` if the file is of
   * another log or has a store of its own, or if a document is not one of this program's.
   */
  store(taken: TakenOver, options: Omit<MirrorOptions, 'closed'>): MirrorStore
  /** The documents of everything in the file, also of one that follows no log, for a log that is written from it. */
  documents(): FileDocument[]
  /** Notes that the file has exactly the documents of this log. */
  follow(log: KnownLog): void
  /** Lets the file follow no log any more: it is a store of its own. */
  followNothing(): void
  /** Closes the file of a server that did not take over. */
  close(): void
}

export interface MirrorStore extends WritableStore {
  /** Resolves after `close`, when no batch is under way any more and the file is closed. */
  closed: Promise<void>
}

/** Opens the file, or makes it. `:memory:` is one in memory. Throws what `sqliteStore` throws. */
export const openMirror = (file: string): Mirror => {
  const database = explained(file, () => openDatabase(file))
  return {
    refuseOwn: () => explained(file, () => refuseOwn(database, file)),
    known: () => explained(file, () => logTables(database).known()),
    store: (taken, options) => {
      explained(file, () => loadDocuments(database, file, taken, options.endedKept))
      const { promise: closed, resolve } = Promise.withResolvers<void>()
      const writes = mirrorWrites(taken.appender, { ...options, closed: resolve })
      return { ...storeOn(database, file, options.ended, writes), closed }
    },
    documents: () => explained(file, () => allDocuments(database)),
    follow: (log) => explained(file, () => followLog(database, log)),
    followNothing: () => explained(file, () => followNothing(database)),
    close: () => database.close()
  }
}

/** A document of the log, as it is made of the rows of a file. */
interface FileDocument {
  name: string
  text: string
}

/**
 * The documents of everything that is in the file, for a log that is written from it. Ended enrolments that are too many are let go
 * before, and so is what a timeline has beyond its bounds. Throws `Damage`.
 */
const allDocuments = (database: DatabaseSync, endedKept?: number): FileDocument[] =>
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
const followLog = (database: DatabaseSync, { log, number, documents }: KnownLog): void =>
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
const followNothing = (database: DatabaseSync): void =>
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
