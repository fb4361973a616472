import type { KnownLog, TakenOver } from '../../../core/ports/log/appender.ts'
import type { Store } from '../../../core/ports/store/store.ts'
import { explained } from '../damage.ts'
import { openDatabase, storeOn } from '../sqlite-store.ts'
import { allDocuments, type FileDocument, followLog, followNothing } from './all-documents.ts'
import { loadDocuments, refuseOwn } from './load-documents.ts'
import { logTables } from './log-tables.ts'
import { type MirrorOptions, mirrorWrites } from './mirror-writes.ts'

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

export interface MirrorStore extends Store {
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
