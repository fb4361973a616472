import type { SQLOutputValue, StatementSync } from 'node:sqlite'
import type { State } from '@joinery/protocol'
import type { EnrolmentHead } from '../../core/ports/store/documents/enrolment-document.ts'

/**
 * Condition for an enrolment that is not settled. A damaged document is not known to be settled: its reader finds the
 * damage.
 */
const unsettled = `state <> 'pending' AND (CASE WHEN json_valid(document) THEN document ->> '$.settled' END) IS NULL`

/** Inserts the attempts of a document, which it has at `path`. A damaged document has none. */
const insertAttempts = (id: string, document: string, path: string, from = ''): string =>
  `INSERT INTO attempts SELECT ${id}, attempt.key, attempt.value ->> '$.tokenId'
    FROM ${from}json_each(CASE WHEN json_valid(${document}) THEN ${document} ELSE '{}' END, '${path}') AS attempt WHERE true ON CONFLICT DO NOTHING`

/** Triggers that keep `attempts` in line with the documents, whoever writes them. `path`: place of the attempts in a document. */
const attemptsTriggers = (path: string): string => `
CREATE TRIGGER IF NOT EXISTS attempts_of_new AFTER INSERT ON enrolments BEGIN
  ${insertAttempts('new.id', 'new.document', path)};
END;
CREATE TRIGGER IF NOT EXISTS attempts_of_changed AFTER UPDATE OF document ON enrolments BEGIN
  ${insertAttempts('new.id', 'new.document', path)};
END;`

/**
 * Index and table from which heads are read, beside the columns. The document of an enrolment is long, and most passes
 * do not need most documents.
 */
export const headsSchema = `
CREATE INDEX IF NOT EXISTS unsettled_enrolments ON enrolments (state) WHERE ${unsettled};
CREATE TABLE IF NOT EXISTS attempts (
  enrolment TEXT NOT NULL, number INTEGER NOT NULL, token TEXT, PRIMARY KEY (enrolment, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attempts_by_token ON attempts (token) WHERE token IS NOT NULL;
${attemptsTriggers('$.attempts')}
CREATE TRIGGER IF NOT EXISTS attempts_of_deleted AFTER DELETE ON enrolments BEGIN
  DELETE FROM attempts WHERE enrolment = old.id;
END;
`

/** Fills the attempts once, after `headsSchema`. The two are one migration, so their text must not change. */
export const fillAttempts = insertAttempts('enrolments.id', 'enrolments.document', '$.attempts', 'enrolments, ')

/** Lets the triggers find the attempts in the part `join`. It is a migration, so its text must not change. */
export const attemptsOfJoin = `
DROP TRIGGER attempts_of_new;
DROP TRIGGER attempts_of_changed;
${attemptsTriggers('$.join.attempts')}`

const columns = `enrolments.rowid AS place, enrolments.id, name, state, revision,
  EXISTS (SELECT 1 FROM attempts WHERE enrolment = enrolments.id) AS claimed`

/** Reads heads: `unsettled`, `headsByName` and `headsByToken`, as the port promises them. */
export const sqliteHeads = (prepare: (sql: string) => StatementSync) => {
  const statements = {
    unsettled: prepare(
      `SELECT ${columns} FROM enrolments INDEXED BY unsettled_enrolments WHERE ${unsettled} ORDER BY enrolments.rowid`
    ),
    byName: prepare(
      `SELECT ${columns} FROM enrolments WHERE name IN (SELECT value FROM json_each(?)) ORDER BY enrolments.rowid`
    ),
    byToken: prepare(
      `SELECT ${columns}, attempts.token FROM attempts JOIN enrolments ON enrolments.id = attempts.enrolment
      WHERE attempts.token IN (SELECT value FROM json_each(?)) ORDER BY enrolments.rowid`
    )
  }
  return {
    unsettled: () => statements.unsettled.all().map(head),
    byName: (names: readonly string[]) => statements.byName.all(JSON.stringify(names)).map(head),
    byToken: (tokenIds: readonly string[]) =>
      statements.byToken.all(JSON.stringify(tokenIds)).map((row) => ({ ...head(row), token: String(row.token) }))
  }
}

const head = ({ id, name, state, revision, claimed, place }: Record<string, SQLOutputValue>): EnrolmentHead => ({
  id: String(id),
  name: String(name),
  state: state as State,
  revision: Number(revision),
  claimed: claimed === 1,
  place: Number(place)
})
