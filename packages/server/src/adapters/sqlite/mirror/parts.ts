import { createHash } from 'node:crypto'
import type { Restored } from '../../../core/ports/store/store-age.ts'

/**
 * A part of the store, which is one document of the log: its kind, and the keys by which its rows are found. All rows of a subject are
 * one part: the enrolment and the code with that id, and the timeline. So it never matters which of them was there first.
 */
export type Part = readonly [kind: Kind, ...keys: (string | number)[]]

export type Kind = keyof typeof kinds

/** Rows of one table that belong to a part. `rows`: the condition, with the keys of the part as `$a` and `$b`. */
interface PartTable {
  table: TableName
  rows: string
}

/** Leaves of the audit log in one document. Each batch writes the last one anew, so it is short. */
const leavesEach = 16

/** Kinds of parts, each with the number of its keys, and the tables that its rows are in. */
export const kinds = {
  subject: {
    keys: ['text'],
    tables: [
      { table: 'codes', rows: 'id = $a' },
      { table: 'enrolments', rows: 'id = $a' },
      { table: 'timeline', rows: 'subject = $a' }
    ]
  },
  outsider: { keys: ['text'], tables: [{ table: 'outsiders', rows: 'name = $a' }] },
  // those of which the uid begins alike: uids are random, so there are 256 such parts
  decisions: {
    keys: ['text'],
    tables: [{ table: 'decisions', rows: 'uid >= $a AND uid < $a || char(1114111) AND substr(uid, 1, 2) = $a' }]
  },
  receiver: { keys: ['text'], tables: [{ table: 'receivers', rows: 'name = $a' }] },
  notice: { keys: ['text', 'text'], tables: [{ table: 'notices', rows: 'receiver = $a AND id = $b' }] },
  leaves: {
    keys: ['number'],
    tables: [{ table: 'leaves', rows: `sequence >= $a * ${leavesEach} AND sequence < ($a + 1) * ${leavesEach}` }]
  },
  audit: { keys: [], tables: [{ table: 'audit', rows: 'true' }] },
  store: {
    keys: [],
    tables: [
      { table: 'generation', rows: 'true' },
      { table: 'restored', rows: 'true' }
    ]
  },
  mark: { keys: [], tables: [{ table: 'mark', rows: 'true' }] },
  // the last place of each order, also if its row is gone: no place is given twice
  sequences: { keys: [], tables: [{ table: 'sqlite_sequence', rows: `name IN ('leaves', 'notices', 'timeline')` }] }
} as const satisfies Record<string, { keys: readonly ('text' | 'number')[]; tables: readonly PartTable[] }>

/** Tables whose rows are in the log, with all of their columns. Rows have the same place everywhere, so the order is the same, too. */
export const tables = {
  codes: ['rowid', 'id', 'hash', 'revision', 'document'],
  enrolments: ['rowid', 'id', 'key', 'name', 'state', 'since', 'revision', 'document'],
  timeline: ['sequence', 'subject', 'actor', 'entry'],
  outsiders: ['rowid', 'name', 'revision', 'document'],
  decisions: ['rowid', 'uid', 'at', 'document'],
  receivers: ['rowid', 'name', 'revision', 'document'],
  notices: ['sequence', 'receiver', 'id', 'kind', 'dead', 'many', 'due', 'revision', 'document'],
  leaves: ['sequence', 'document'],
  audit: ['id', 'revision', 'restored', 'document'],
  generation: ['id', 'number', 'origin', 'sealed'],
  restored: ['id', 'at'],
  mark: ['id', 'why', 'before'],
  sqlite_sequence: ['name', 'seq']
} as const
export type TableName = keyof typeof tables

/** SQL of a part, as JSON, for a row of a table. `row` is the name of the row: in a trigger it is `new` or `old`. */
export const partOfRow: Record<Exclude<TableName, 'sqlite_sequence'>, (row: string) => string> = {
  codes: (row) => `json_array('subject', ${row}.id)`,
  enrolments: (row) => `json_array('subject', ${row}.id)`,
  timeline: (row) => `json_array('subject', ${row}.subject)`,
  outsiders: (row) => `json_array('outsider', ${row}.name)`,
  decisions: (row) => `json_array('decisions', substr(${row}.uid, 1, 2))`,
  receivers: (row) => `json_array('receiver', ${row}.name)`,
  notices: (row) => `json_array('notice', ${row}.receiver, ${row}.id)`,
  leaves: (row) => `json_array('leaves', ${row}.sequence / ${leavesEach})`,
  audit: () => `json_array('audit')`,
  generation: () => `json_array('store')`,
  restored: () => `json_array('store')`,
  mark: () => `json_array('mark')`
}

/** Tables that number their rows, and never give a number twice. */
export const numbered = ['leaves', 'notices', 'timeline'] as const

/** Name of the document of a part. It is good as a name in Kubernetes, and no two parts have the same. */
export const nameOf = ([kind, ...keys]: Part): string => {
  if (kind === 'decisions') return `${kind}.x${Buffer.from(String(keys[0])).toString('hex')}`
  if (keys.length === 0) return kind
  const [key] = keys
  return `${kind}.${keys.length === 1 && plain.test(String(key)) ? key : `sha256-${hashOf(JSON.stringify(keys))}`}`
}

/** The document by which the next server that serves has to settle the store. A take-over writes it, before it has read any other. */
export const markDocument = ({ why, before }: Restored): { name: string; text: string } => {
  const part: Part = ['mark']
  const rows = { mark: [{ id: 1, why, before: before ?? null }] }
  return { name: nameOf(part), text: JSON.stringify({ part, rows }) }
}

/** A key that is its own name. It is shorter than a hash. */
const plain = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** True if the value is a part of this program's store. */
export const isPart = (value: unknown): value is Part => {
  if (!Array.isArray(value)) return false
  const [kind, ...keys] = value as unknown[]
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) return false
  const wanted: readonly string[] = kinds[kind as Kind].keys
  return keys.length === wanted.length && keys.every((key, index) => isKey(key, wanted[index]))
}

const isKey = (key: unknown, wanted: string | undefined): boolean =>
  wanted === 'text' ? typeof key === 'string' : Number.isSafeInteger(key) && Number(key) >= 0

/** The keys of a part, as its statements want them. */
export const keysOf = ([, ...keys]: Part): Record<string, string | number> =>
  Object.fromEntries(keys.map((key, index) => [index === 0 ? 'a' : 'b', key]))
