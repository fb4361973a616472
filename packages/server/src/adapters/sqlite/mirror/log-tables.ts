import type { DatabaseSync } from 'node:sqlite'
import { StartRefusal } from '../../../core/base/start-refusal.ts'
import type { KnownLog, NewDocument } from '../../../core/ports/log/appender.ts'
import type { Part } from './parts.ts'

/**
 * Tables of a file that follows the log of a cluster: which log, up to which batch, and which documents its rows are of. Then the
 * ended enrolments that are in the cluster, and those that only this file has. The migration has their text, so it never changes.
 */
export const logSchema = `
CREATE TABLE log (id INTEGER PRIMARY KEY CHECK (id = 1), log TEXT NOT NULL, number INTEGER NOT NULL) STRICT;
CREATE TABLE log_documents (name TEXT PRIMARY KEY, number INTEGER NOT NULL, part TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE kept_ended (enrolment TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX kept_ended_by_time ON kept_ended (since, enrolment);
CREATE TABLE let_go (enrolment TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`

/** Lets a file that comes out of a backup take everything from the cluster again. It still belongs to its log. */
export const forgetDocuments = 'DELETE FROM log_documents'

/** Reads and writes what the file knows of its log. */
export const logTables = (database: DatabaseSync) => {
  const log = database.prepare('SELECT log, number FROM log')
  const setLog = database.prepare('INSERT INTO log VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET log = ?, number = ?')
  const setNumber = database.prepare('UPDATE log SET number = ?')
  const documents = database.prepare('SELECT name, number, part FROM log_documents ORDER BY name')
  const isKnown = database.prepare('SELECT 1 FROM log_documents WHERE name = ?')
  const put = database.prepare(
    'INSERT INTO log_documents VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET number = excluded.number'
  )
  const remove = database.prepare('DELETE FROM log_documents WHERE name = ?')

  return {
    known: (): KnownLog | undefined => {
      const row = log.get()
      if (row === undefined) return undefined
      const numbers = documents.all().map(({ name, number }) => [String(name), Number(number)] as const)
      return { log: String(row.log), number: Number(row.number), documents: new Map(numbers) }
    },
    /** The parts that the file has, by the names of their documents. */
    parts: (): Map<string, Part> =>
      new Map(documents.all().map(({ name, part }) => [String(name), JSON.parse(String(part)) as Part])),
    isKnown: (name: string): boolean => isKnown.get(name) !== undefined,
    /** Notes the log that this file follows from now on. */
    follow: (id: string, number: number): void => void setLog.run(id, number, id, number),
    /** Notes a document of a batch, or that there is none any more. */
    note: ({ name, text }: NewDocument, part: Part, number: number): void => {
      if (text === null) remove.run(name)
      else put.run(name, number, JSON.stringify(part))
    },
    setNumber: (number: number): void => void setNumber.run(number)
  }
}
export type LogTables = ReturnType<typeof logTables>

/** Throws `StartRefusal` if the file is the copy of what the cluster has. Without the cluster it must not be written. */
export const refuseFollower = (database: DatabaseSync, file: string): void => {
  if (database.prepare('SELECT 1 FROM log').get() === undefined) return
  throw new StartRefusal(
    `${file} is a copy of the log that the cluster has, and this server is configured with store: file`,
    'set store: cluster in /etc/joinery/server.yaml'
  )
}
