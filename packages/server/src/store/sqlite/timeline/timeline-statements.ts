import type { StatementSync } from 'node:sqlite'
import { isAlert } from '../statements.ts'

const words = `octet_length(entry ->> '$.detail')`

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
  /** Number of the entries of an actor, and bytes of the words of those that are no alerts. */
  sizeOf: prepare(
    `SELECT count(*) AS many, ifnull(sum(${words}) FILTER (WHERE json_valid(entry) AND NOT (${isAlert})), 0) AS bytes
      FROM timeline WHERE subject = ? AND actor = ?`
  ),
  actors: prepare(`SELECT DISTINCT actor FROM timeline WHERE subject = ? AND actor <> 'operator' ORDER BY actor`),
  alerts: prepare(byEvent(isAlert)),
  operator: prepare(byEvent(`actor = 'operator' AND NOT (${isAlert})`)),
  /** Two entries of an event, after so many. */
  entriesOf: prepare(
    `SELECT sequence, entry FROM timeline WHERE subject = ? AND actor = ? AND json_valid(entry)
      AND entry ->> '$.event' = ? AND (${isAlert}) = ? ORDER BY sequence LIMIT 2 OFFSET ?`
  ),
  /** Deletes the oldest entry of the event that comes most often. */
  makeRoom: prepare(
    `WITH others AS (SELECT sequence, entry ->> '$.event' AS event FROM timeline
      WHERE subject = ? AND actor = ? AND json_valid(entry) AND NOT (${isAlert}))
    DELETE FROM timeline WHERE sequence = (SELECT min(sequence) FROM others
      WHERE event = (SELECT event FROM others GROUP BY event ORDER BY count(*) DESC LIMIT 1))
    RETURNING ${words} AS bytes`
  ),
  removeLast: prepare(
    `DELETE FROM timeline WHERE sequence = (SELECT max(sequence) FROM timeline
      WHERE subject = ? AND actor = ? AND json_valid(entry) AND NOT (${isAlert}))
    RETURNING ${words} AS bytes`
  )
})
