import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Damage } from '../sqlite-problem.ts'
import { isSummed, parseSummed, summed } from '../summed.ts'
import { inParts } from '../versions/in-parts.ts'
import { isPart, keysOf, kinds, numbered, type Part, type TableName, tables } from './parts.ts'

/** Rows of a part by table, as they are in its document. */
type Rows = Partial<Record<TableName, Row[]>>
export type Row = Record<string, SQLInputValue>

/** The document of a part, parsed. */
export interface PartDocument {
  part: Part
  rows: Rows
}

/** Reads the rows of parts into the texts of documents, and writes them from there. */
export const partRows = (database: DatabaseSync) => {
  const statements = Object.fromEntries(
    Object.entries(kinds).map(([kind, { tables: own }]) => [
      kind,
      own.map(({ table, rows }) => {
        const columns = tables[table]
        return {
          table,
          read: database.prepare(
            `SELECT ${columns.join(', ')} FROM main.${table} WHERE ${rows} ORDER BY ${columns[0]}`
          ),
          remove: database.prepare(`DELETE FROM main.${table} WHERE ${rows}`),
          count: database.prepare(`SELECT count(*) AS count FROM main.${table} WHERE ${rows}`),
          insert: database.prepare(
            `INSERT INTO main.${table} (${columns.join(', ')}) VALUES (${columns.map((one) => `$${one}`).join(', ')})`
          )
        }
      })
    ])
  )
  const statementsOf = (part: Part) => statements[part[0]] ?? []

  return {
    /** Text of the document of a part. Null if it has no rows. Throws `Damage` if a row is not as it was written. */
    textOf: (part: Part): string | null => {
      const found: Rows = {}
      for (const { table, read } of statementsOf(part)) {
        const rows = read.all(keysOf(part)) as Row[]
        if (!rows.every(isWhole)) throw new Damage('the checksum of a document does not match')
        if (rows.length > 0) found[table] = rows
      }
      return Object.keys(found).length === 0 ? null : JSON.stringify({ part, rows: found })
    },

    /** Deletes the rows of a part. */
    remove: (part: Part): void => {
      for (const { remove } of statementsOf(part)) remove.run(keysOf(part))
    },

    /** Writes the rows of a document whose part has none. Throws `NotOurs` if a row is not one of that part. */
    insert: ({ part, rows }: PartDocument): void => {
      for (const { table, insert, count } of statementsOf(part)) {
        const own = rows[table] ?? []
        for (const row of own) insert.run({ ...nothing[table], ...row })
        if (count.get(keysOf(part))?.count !== own.length)
          throw new NotOurs(`it has rows of ${table} of something else`)
      }
    }
  }
}
export type PartRows = ReturnType<typeof partRows>

/** Reason why a document is not one that this program wrote. */
export class NotOurs extends Error {}

/**
 * Parses the text of a document. Throws `NotOurs`. Its rows are checked as far as one row shows it. Enrolments are in parts: in a log
 * whose head has format 2 or less, they are flat.
 */
export const readDocument = (text: string): PartDocument => {
  const { part, rows, ...more } = objectIn(text)
  if (!isPart(part) || !isObject(rows) || Object.keys(more).length > 0) throw new NotOurs('it is no part of a store')
  const own: readonly string[] = kinds[part[0]].tables.map(({ table }) => table)
  const read: Rows = {}
  for (const [table, some] of Object.entries(rows)) {
    if (!own.includes(table) || !Array.isArray(some)) throw new NotOurs(`a ${part[0]} has no ${table}`)
    read[table as TableName] = some.map((row) => readRow(table as TableName, row))
  }
  return { part, rows: read }
}

const objectIn = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // said below
  }
  throw new NotOurs('it is no JSON object')
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readRow = (table: TableName, row: unknown): Row => {
  const columns: readonly string[] = tables[table]
  if (!isObject(row)) throw new NotOurs(`a row of ${table} is no object`)
  for (const [column, value] of Object.entries(row)) {
    if (!columns.includes(column)) throw new NotOurs(`${table} has no column ${column}`)
    if (typeof value !== 'string' && value !== null && !Number.isSafeInteger(value))
      throw new NotOurs(`${column} of ${table} is neither text nor a number`)
  }
  const own = row as Row
  if (!isWhole(own)) throw new NotOurs(`the checksum of a row of ${table} does not match`)
  const text = textIn(own)
  if (typeof text !== 'string') return own
  const said = parseSummed<Document>(text, revisionOf(own))
  requireSaid(table, own, said)
  return table === 'enrolments' ? withParts(own, said) : own
}

type Document = Readonly<Record<string, unknown>>

const withParts = (row: Row, said: Document): Row => {
  const made = inParts(said)
  return made === said ? row : { ...row, document: summed(made, revisionOf(row)) }
}

const textIn = ({ document, entry }: Row): SQLInputValue | undefined => document ?? entry

/** True if the document in the row is as it was written. */
const isWhole = (row: Row): boolean => {
  const text = textIn(row)
  return typeof text !== 'string' || isSummed(text, revisionOf(row))
}

/** Entries have none. */
const revisionOf = ({ revision }: Row): number => Number(revision ?? 0)

/** Columns that are not what the document in the row says of itself. */
const others = ['key', 'dead', 'revision', 'document', 'entry']

/** Throws `NotOurs` if a column, by which the row is found, is not what its document says. */
const requireSaid = (table: TableName, row: Row, said: Document): void => {
  for (const [column, value] of Object.entries(row)) {
    if (others.includes(column) || !Object.hasOwn(said, column)) continue
    if (said[column] !== value) throw new NotOurs(`${column} of a row of ${table} differs from its document`)
  }
}

/** A row without values. A column that a document does not have is empty: a newer program has more columns. */
const nothing = Object.fromEntries(
  Object.entries(tables).map(([table, columns]) => [table, Object.fromEntries(columns.map((column) => [column, null]))])
) as Record<TableName, Row>

/**
 * Sets the last place of each order to what the log says, or to that of the last row. The log says it only of places whose row is
 * gone.
 */
export const setSequences = (database: DatabaseSync, said: Row[]): void => {
  const set = database.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)')
  database.exec('DELETE FROM main.sqlite_sequence')
  for (const table of numbered) {
    const last = Number(database.prepare(`SELECT max(sequence) AS last FROM ${table}`).get()?.last ?? 0)
    const seq = Math.max(last, Number(said.find(({ name }) => name === table)?.seq ?? 0))
    if (seq > 0) set.run(table, seq)
  }
}
