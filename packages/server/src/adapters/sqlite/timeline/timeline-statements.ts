import type { StatementSync } from 'node:sqlite'
import { isAlert } from '../statements.ts'

const words = `octet_length(entry ->> '$.detail')`

/** Uses of a code. They are few, and an operator asks for them. */
const isUse = `json_valid(entry) AND entry ->> '$.event' = 'used'`

/** Entries that go if others have no room. */
const isPassing = `json_valid(entry) AND NOT (${isAlert}) AND NOT (${isUse})`

/** Entries of a subject by event, those that come most often first. */
const byEvent = (which: string): string =>
  `SELECT actor, entry ->> '$.event' AS event, count(*) AS many, sum(${words}) AS bytes FROM timeline
    WHERE subject = ? AND json_valid(entry) AND ${which} GROUP BY actor, event ORDER BY many DESC, event`

/** Statements that write timelines. */
export const timelineStatements = (prepare: (sql: string) => StatementSync) => ({
  insert: prepare('INSERT INTO timeline (subject, actor, entry) VALUES (?, ?, ?)'),
  put: prepare('UPDATE timeline SET entry = ? WHERE sequence = ?'),
  remove: prepare('DELETE FROM timeline WHERE sequence = ?'),
  replace: prepare(
    `UPDATE timeline SET entry = ? WHERE sequence = (SELECT max(sequence) FROM timeline
      WHERE subject = ? AND actor = ? AND json_valid(entry) AND entry ->> '$.event' = ? AND entry ->> '$.at' = ?)`
  ),
  /** Number of all entries, and bytes of them. */
  lengthOf: prepare(
    'SELECT count(*) AS many, ifnull(sum(octet_length(entry)), 0) AS bytes FROM timeline WHERE subject = ?'
  ),
  /** Number of the entries of an actor but for uses, and bytes of the words of those that may go. */
  sizeOf: prepare(
    `SELECT count(*) AS many, ifnull(sum(${words}) FILTER (WHERE ${isPassing}), 0) AS bytes
      FROM timeline WHERE subject = ? AND actor = ? AND NOT (${isUse})`
  ),
  actors: prepare(`SELECT DISTINCT actor FROM timeline WHERE subject = ? AND actor <> 'operator' ORDER BY actor`),
  alerts: prepare(byEvent(isAlert)),
  uses: prepare(byEvent(isUse)),
  operator: prepare(byEvent(`actor = 'operator' AND NOT (${isAlert})`)),
  /** Two entries of an event, after so many. */
  entriesOf: prepare(
    `SELECT sequence, entry FROM timeline WHERE subject = ? AND actor = ? AND json_valid(entry)
      AND entry ->> '$.event' = ? AND (${isAlert}) = ? ORDER BY sequence LIMIT 2 OFFSET ?`
  ),
  /** Deletes the oldest entry of the event that comes most often. */
  makeRoom: prepare(
    `WITH others AS (SELECT sequence, entry ->> '$.event' AS event FROM timeline
      WHERE subject = ? AND actor = ? AND ${isPassing})
    DELETE FROM timeline WHERE sequence = (SELECT min(sequence) FROM others
      WHERE event = (SELECT event FROM others GROUP BY event ORDER BY count(*) DESC LIMIT 1))
    RETURNING ${words} AS bytes`
  ),
  removeLast: prepare(
    `DELETE FROM timeline WHERE sequence = (SELECT max(sequence) FROM timeline
      WHERE subject = ? AND actor = ? AND ${isPassing})
    RETURNING ${words} AS bytes`
  )
})
