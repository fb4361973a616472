import type { DatabaseSync } from 'node:sqlite'
import { Damage } from './sqlite-problem.ts'
import { isSummed } from './summed.ts'

/** Columns by which a row is found. They must agree with its document, which has the checksum. */
const otherColumns = [
  `SELECT 1 FROM codes WHERE id <> document ->> '$.id' OR hash <> document ->> '$.hash' LIMIT 1`,
  `SELECT 1 FROM enrolments WHERE id <> document ->> '$.id' OR state <> document ->> '$.state'
    OR name <> document ->> '$.name' OR since <> document ->> '$.since' LIMIT 1`,
  `SELECT 1 FROM outsiders WHERE name <> document ->> '$.name' LIMIT 1`,
  `SELECT 1 FROM decisions WHERE uid <> document ->> '$.uid' OR at <> document ->> '$.at' LIMIT 1`,
  `SELECT 1 FROM receivers WHERE name <> document ->> '$.name' LIMIT 1`,
  `SELECT 1 FROM notices WHERE receiver <> document ->> '$.receiver' OR id <> document ->> '$.id'
    OR kind <> document ->> '$.kind' OR due <> document ->> '$.due' LIMIT 1`
]

/** Reads the whole store. Throws `Damage` if a page, a document or an entry is not as it was written. */
export const requireWhole = (database: DatabaseSync): void => {
  if (database.prepare('PRAGMA quick_check(1)').get()?.quick_check !== 'ok')
    throw new Damage('quick_check finds damage')
  const rows =
    database.prepare(`SELECT document, revision FROM codes UNION ALL SELECT document, revision FROM enrolments
    UNION ALL SELECT document, revision FROM outsiders UNION ALL SELECT entry, 0 FROM timeline
    UNION ALL SELECT document, 0 FROM decisions UNION ALL SELECT document, revision FROM receivers
    UNION ALL SELECT document, revision FROM notices UNION ALL SELECT document, 0 FROM leaves
    UNION ALL SELECT document, revision FROM audit WHERE document IS NOT NULL`)
  for (const { document, revision } of rows.iterate()) {
    if (!isSummed(String(document), Number(revision))) throw new Damage('the checksum of a document does not match')
  }
  if (otherColumns.some((sql) => database.prepare(sql).get() !== undefined)) {
    throw new Damage('a row differs from its document')
  }
}
