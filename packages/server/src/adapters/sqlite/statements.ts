import type { DatabaseSync } from 'node:sqlite'
import { markRestored } from './audit/sqlite-audit.ts'
import { arriving, holding, naming } from './sqlite-states.ts'

/**
 * Condition for an enrolment that has ended, and had a credential for its name. A damaged document does not match: a
 * check finds it.
 */
const endedAfterClaim = `state NOT IN ${naming}
  AND json_valid(document) AND json_array_length(document, '$.join.attempts') > 0`

/** Package of a code that was not revoked. */
const servedPackage = `CASE WHEN json_valid(document) AND document ->> '$.revoked' IS NULL THEN document ->> '$.package' END`

/** Condition for a code that no machine has used and nobody revoked. */
const isUnused = `json_valid(document) AND document ->> '$.enrolment' IS NULL AND document ->> '$.revoked' IS NULL`

/** Condition for a code that ends when its Code in the cluster goes. */
const endsWithObject = `json_valid(document) AND document ->> '$.object.uid' IS NOT NULL
  AND document ->> '$.object.cleared' IS NULL AND document ->> '$.revoked' IS NULL`

/** Condition for an enrolment that notes that its name is banned. */
const notesBan = `json_valid(document) AND document ->> '$.certificates.nameBanned' = 1`

export const isAlert = `json_valid(entry) AND entry ->> '$.alert' = 1`

/** Reads the index of ids, and only then the documents of those that end or begin with the short id. */
const byShortId = (table: string) =>
  `SELECT revision, document FROM ${table} WHERE id IN (
    SELECT id FROM ${table} WHERE substr(id, -length($short)) = $short OR substr(id, 1, length($short)) = $short
    ORDER BY id LIMIT $limit) ORDER BY id`

/** Bytes that a commit writes for a machine that has much to say. A disk with less room is full. */
export const probeBytes = 64 * 1024

/** Every statement of the store, prepared once. */
export const prepareStatements = (database: DatabaseSync) => {
  const prepare = (sql: string) => database.prepare(sql)
  return {
    codeByHash: prepare('SELECT revision, document FROM codes WHERE hash = ?'),
    code: prepare('SELECT revision, document FROM codes WHERE id = ?'),
    codes: prepare('SELECT revision, document FROM codes ORDER BY rowid'),
    codesByName: prepare(
      "SELECT revision, document FROM codes WHERE json_valid(document) AND document ->> '$.name' = ? ORDER BY rowid"
    ),
    codeOfPackage: prepare(`SELECT 1 FROM codes WHERE ${servedPackage} = ? AND document ->> '$.expires' >= ? LIMIT 1`),
    enrolment: prepare('SELECT revision, document FROM enrolments WHERE id = ?'),
    enrolmentByKey: prepare('SELECT revision, document FROM enrolments WHERE key = ? ORDER BY rowid DESC LIMIT 1'),
    enrolmentsByKey: prepare('SELECT revision, document FROM enrolments WHERE key = ? ORDER BY rowid'),
    ended: prepare(
      `SELECT revision, document FROM enrolments WHERE state = ? AND since <= ? AND (since, id) > (?, ?)
      ORDER BY since, id LIMIT ?`
    ),
    codesAfter: prepare('SELECT revision, document FROM codes WHERE id > ? ORDER BY id LIMIT ?'),
    codesByShortId: prepare(byShortId('codes')),
    enrolmentsByShortId: prepare(byShortId('enrolments')),
    codesOfObjects: prepare(`SELECT revision, document FROM codes WHERE ${endsWithObject} ORDER BY id`),
    enrolmentsByName: prepare('SELECT revision, document FROM enrolments WHERE name = ? ORDER BY rowid'),
    enrolmentsAfter: prepare(
      `SELECT rowid AS place, revision, document FROM enrolments NOT INDEXED WHERE rowid > $from
      AND ($state IS NULL OR state = $state) AND ($name IS NULL OR name = $name) ORDER BY rowid LIMIT $limit`
    ),
    codesFrom: prepare(
      'SELECT rowid AS place, revision, document FROM codes WHERE rowid > $from ORDER BY rowid LIMIT $limit'
    ),
    countStates: prepare('SELECT state, count(*) AS count FROM enrolments NOT INDEXED GROUP BY state'),
    // by the table itself: an index may be whole even if the table is damaged
    places: prepare('SELECT rowid AS place FROM enrolments NOT INDEXED ORDER BY rowid'),
    placesByState: prepare(
      'SELECT rowid AS place FROM enrolments WHERE state IN (SELECT value FROM json_each(?)) AND since <= ? ORDER BY rowid'
    ),
    enrolmentsByState: prepare(
      `SELECT revision, document FROM enrolments WHERE +state IN (SELECT value FROM json_each(?)) AND +since <= ?
      AND rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid`
    ),
    takenNames: prepare(
      `SELECT name FROM enrolments WHERE state IN ${naming}
      UNION SELECT name FROM enrolments WHERE ${endedAfterClaim}
      UNION SELECT document ->> '$.name' FROM codes
        WHERE ${isUnused} AND document ->> '$.expires' > ? AND document ->> '$.name' IS NOT NULL`
    ),
    namesNotedBanned: prepare(`SELECT DISTINCT name FROM enrolments WHERE ${notesBan}`),
    namesHeld: prepare(`SELECT name FROM enrolments WHERE state IN ${holding}`),
    isNamed: prepare(
      `SELECT 1 FROM codes WHERE json_valid(document) AND document ->> '$.name' = ? AND (
        (${isUnused} AND document ->> '$.expires' > ?)
        OR EXISTS (SELECT 1 FROM enrolments WHERE id = codes.document ->> '$.enrolment' AND state IN ${naming})
      ) LIMIT 1`
    ),
    takenName: prepare(
      `SELECT 1 FROM enrolments WHERE name = ? AND (state IN ${naming} OR ${endedAfterClaim}) LIMIT 1`
    ),
    otherControlPlane: prepare(
      `SELECT 1 FROM enrolments WHERE state IN ${arriving} AND json_extract(document, '$.role') = 'control-plane'
        AND json_extract(document, '$.join.attempts[#-1].deadline') > ? AND id NOT IN (SELECT value FROM json_each(?)) LIMIT 1`
    ),
    timeline: prepare('SELECT entry FROM timeline WHERE subject = ? ORDER BY sequence'),
    alerts: prepare(
      `SELECT subject, entry FROM timeline WHERE ${isAlert} AND entry ->> '$.at' >= ? ORDER BY sequence DESC LIMIT ?`
    ),
    countAlerts: prepare(`SELECT count(*) AS count FROM timeline WHERE ${isAlert} AND entry ->> '$.at' >= ?`),
    outsiders: prepare('SELECT revision, document FROM outsiders ORDER BY rowid'),
    insertOutsider: prepare(
      'INSERT INTO outsiders (name, revision, document) VALUES (?, 1, ?) ON CONFLICT (name) DO NOTHING'
    ),
    updateOutsider: prepare(
      'UPDATE outsiders SET revision = revision + 1, document = ? WHERE name = ? AND revision = ?'
    ),
    deleteEnrolment: prepare('DELETE FROM enrolments WHERE id = ? AND revision = ?'),
    deleteCode: prepare('DELETE FROM codes WHERE id = ? AND revision = ?'),
    deleteTimeline: prepare('DELETE FROM timeline WHERE subject = ?'),
    deleteOutsider: prepare('DELETE FROM outsiders WHERE name = ? AND revision = ?'),
    insertCode: prepare(
      'INSERT INTO codes (id, hash, revision, document) VALUES (?, ?, 1, ?) ON CONFLICT (id) DO NOTHING'
    ),
    updateCode: prepare('UPDATE codes SET revision = revision + 1, document = ? WHERE id = ? AND revision = ?'),
    insertEnrolment: prepare(
      'INSERT INTO enrolments (id, key, name, state, since, revision, document) VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT (id) DO NOTHING'
    ),
    updateEnrolment: prepare(
      'UPDATE enrolments SET key = ?, name = ?, state = ?, since = ?, revision = revision + 1, document = ? WHERE id = ? AND revision = ?'
    ),
    decided: prepare('SELECT document FROM decisions WHERE uid IN (SELECT value FROM json_each(?))'),
    insertDecided: prepare('INSERT INTO decisions (uid, at, document) VALUES (?, ?, ?) ON CONFLICT (uid) DO NOTHING'),
    deleteDecided: prepare('DELETE FROM decisions WHERE at < ?'),
    restored: prepare('SELECT at, why, before FROM restored LEFT JOIN mark'),
    settleRestore: prepare('UPDATE restored SET at = NULL'),
    settleMark: prepare('DELETE FROM mark'),
    markAudit: prepare(`${markRestored} WHERE EXISTS (SELECT 1 FROM mark)`),
    generation: prepare('SELECT number, origin, sealed FROM generation'),
    raiseGeneration: prepare(
      'UPDATE generation SET number = $number, origin = NULL, sealed = 1 WHERE number < $number'
    ),
    passGeneration: prepare("UPDATE generation SET origin = 'restored'"),
    savepoint: prepare('SAVEPOINT change'),
    release: prepare('RELEASE change'),
    undo: prepare('ROLLBACK TO change'),
    // SQLite would not write the same value again
    probe: prepare(
      `INSERT INTO probe VALUES (1, 1, randomblob(${probeBytes}))
      ON CONFLICT (id) DO UPDATE SET writes = writes + 1, room = randomblob(${probeBytes})`
    )
  }
}
export type Statements = ReturnType<typeof prepareStatements>
