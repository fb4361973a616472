import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { State } from '@joinery/protocol'
import type { StoreSizes } from '../../core/ports/store/counts.ts'
import { isAlert } from './statements.ts'

const tables = ['codes', 'enrolments', 'timeline', 'outsiders', 'decisions'] as const

const count = (table: string, name: string, by: 1 | -1): string =>
  `INSERT INTO ${table} VALUES (${name}, ${by}) ON CONFLICT (name) DO UPDATE SET count = count + (${by});`

/**
 * Counters beside the store. They are temporary: they belong to this connection, which is the only one that writes, and go with it.
 * Triggers change them in the transaction of what they count, so they hold after a rollback as well.
 */
const counters = `
PRAGMA temp_store = MEMORY;
BEGIN;
CREATE TEMP TABLE counted_rows (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE counted_states (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
${tables
  .map(
    (table) => `
INSERT INTO counted_rows SELECT '${table}', count(*) FROM ${table};
CREATE TEMP TRIGGER counted_new_${table} AFTER INSERT ON main.${table} BEGIN
  UPDATE counted_rows SET count = count + 1 WHERE name = '${table}';
END;
CREATE TEMP TRIGGER counted_gone_${table} AFTER DELETE ON main.${table} BEGIN
  UPDATE counted_rows SET count = count - 1 WHERE name = '${table}';
END;`
  )
  .join('\n')}
INSERT INTO counted_states SELECT state, count(*) FROM enrolments GROUP BY state;
CREATE TEMP TRIGGER counted_state_of_new AFTER INSERT ON main.enrolments BEGIN
  ${count('counted_states', 'new.state', 1)}
END;
CREATE TEMP TRIGGER counted_state_of_changed AFTER UPDATE OF state ON main.enrolments
  WHEN old.state <> new.state BEGIN
  ${count('counted_states', 'old.state', -1)}
  ${count('counted_states', 'new.state', 1)}
END;
CREATE TEMP TRIGGER counted_state_of_gone AFTER DELETE ON main.enrolments BEGIN
  ${count('counted_states', 'old.state', -1)}
END;
COMMIT;`

const alerts = `
SELECT entry ->> '$.event' AS event, count(*) AS count, max(entry ->> '$.at') AS last FROM timeline
  WHERE ${isAlert} AND entry ->> '$.at' >= ? GROUP BY event`

/** Reads the sizes of the store. Nothing is made, and nothing counted, before the first call. */
export const sqliteSizes = (database: DatabaseSync, file: string): ((alertsSince: Date) => StoreSizes) => {
  let made: ReturnType<typeof prepare> | undefined
  return (alertsSince) => {
    made ??= prepare(database)
    const { rows, states, alerting } = made
    return {
      rows: Object.fromEntries(rows.all().map(({ name, count }) => [name, Number(count)])) as StoreSizes['rows'],
      states: Object.fromEntries(states.all().map(({ name, count }) => [name as State, Number(count)])),
      bytes: { database: bytesOf(file), wal: bytesOf(`${file}-wal`) },
      alerts: Object.fromEntries(
        alerting
          .all(alertsSince.toISOString())
          .map(({ event, count, last }) => [String(event), { count: Number(count), last: new Date(String(last)) }])
      )
    }
  }
}

const prepare = (database: DatabaseSync) => {
  database.exec(counters)
  return {
    rows: database.prepare('SELECT name, count FROM temp.counted_rows'),
    states: database.prepare('SELECT name, count FROM temp.counted_states WHERE count > 0'),
    alerting: database.prepare(alerts)
  }
}

const bytesOf = (file: string): number =>
  file.startsWith(':memory:') ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
