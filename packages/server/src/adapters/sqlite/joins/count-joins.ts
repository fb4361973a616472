import type { DatabaseSync } from 'node:sqlite'
import { arriving } from '../sqlite-states.ts'

/** Puts the enrolment of a trigger among those that join, if it holds a place. A damaged document holds none. */
const insertJoin = (from: 'new' | 'enrolments'): string =>
  `INSERT INTO joins SELECT id, deadline FROM (
    SELECT ${from}.id AS id, CASE
      WHEN NOT json_valid(${from}.document) THEN NULL
      WHEN ${from}.document ->> '$.withoutAgent' IS NULL THEN ${from}.document ->> '$.join.attempts[#-1].deadline'
    END AS deadline ${from === 'new' ? '' : `FROM ${from}`} WHERE ${from}.state IN ${arriving}
  ) WHERE deadline IS NOT NULL`

/**
 * Table of the enrolments that join, with the deadline of each. It is temporary: it belongs to this connection, which alone writes,
 * and is filled when the store is opened. Triggers keep it in line with the documents, also if a commit is undone.
 */
const joinsSchema = `
PRAGMA temp_store = MEMORY;
CREATE TEMP TABLE joins (enrolment TEXT PRIMARY KEY, deadline TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX temp.joins_by_deadline ON joins (deadline);
CREATE TEMP TRIGGER joins_of_new AFTER INSERT ON main.enrolments WHEN new.state IN ${arriving} BEGIN
  ${insertJoin('new')};
END;
CREATE TEMP TRIGGER joins_of_changed AFTER UPDATE OF state, document ON main.enrolments BEGIN
  DELETE FROM joins WHERE enrolment = old.id;
  ${insertJoin('new')};
END;
CREATE TEMP TRIGGER joins_of_deleted AFTER DELETE ON main.enrolments BEGIN
  DELETE FROM joins WHERE enrolment = old.id;
END;
${insertJoin('enrolments')};
`

/** Makes the function that counts the enrolments which hold a place among those that join. The cost follows their number. */
export const countJoins = (database: DatabaseSync): ((at: Date) => number) => {
  database.exec(joinsSchema)
  const count = database.prepare('SELECT count(*) AS count FROM temp.joins WHERE deadline > ?')
  return (at) => Number(count.get(at.toISOString())?.count)
}
