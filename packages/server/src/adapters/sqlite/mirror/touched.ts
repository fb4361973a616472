import type { DatabaseSync } from 'node:sqlite'
import { numbered, type Part, partOfRow } from './parts.ts'

const events = [
  ['INSERT', ['new']],
  ['UPDATE', ['old', 'new']],
  ['DELETE', ['old']]
] as const

const note = (part: string): string => `INSERT INTO touched VALUES (${part}) ON CONFLICT (part) DO NOTHING;`

const sequences = `json_array('sequences')`

/**
 * Triggers that note each part a transaction touches, whatever statement touches it. They are temporary, and belong to this
 * connection, which alone writes. What they noted is undone with the change that did it.
 */
const touchedSchema = `
PRAGMA temp_store = MEMORY;
CREATE TEMP TABLE touched (part TEXT NOT NULL UNIQUE) STRICT;
${Object.entries(partOfRow)
  .flatMap(([table, part]) =>
    events.map(
      ([event, rows]) => `
CREATE TEMP TRIGGER touched_${table}_${event} AFTER ${event} ON main.${table} BEGIN
  ${rows.map((row) => note(part(row))).join(' ')}
END;`
    )
  )
  .join('')}
${numbered
  .map(
    (table) => `
CREATE TEMP TRIGGER touched_last_${table} AFTER DELETE ON main.${table}
  WHEN NOT EXISTS (SELECT 1 FROM main.${table} WHERE sequence > old.sequence) BEGIN
  ${note(sequences)}
END;`
  )
  .join('')}`

/** Notes which parts are touched, from now on. */
export const touchedParts = (database: DatabaseSync) => {
  database.exec(touchedSchema)
  const all = database.prepare('SELECT part FROM temp.touched ORDER BY rowid')
  const add = database.prepare('INSERT INTO temp.touched VALUES (?) ON CONFLICT (part) DO NOTHING')
  const forget = database.prepare('DELETE FROM temp.touched')
  return {
    /** The parts that were touched, in the order in which they were. */
    all: (): Part[] => all.all().map(({ part }) => JSON.parse(String(part)) as Part),
    /** Notes a part whose rows stay as they are, and whose document does not. */
    add: (part: Part): void => void add.run(JSON.stringify(part)),
    /** Forgets them, at the end of a transaction that is kept. */
    forget: (): void => void forget.run()
  }
}
export type TouchedParts = ReturnType<typeof touchedParts>
