import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { TimelineEntry } from '@joinery/protocol'
import { entriesKept, lastingKept, wordsKept } from '../../../core/ports/store/timeline.ts'
import { isAlert } from '../statements.ts'
import { parseSummed, summed } from '../summed.ts'

export interface TimelineWriter {
  /** Writes an entry, within the bounds of the timeline. */
  write(subject: string, entry: TimelineEntry): void
  /** Brings a timeline that was written without these bounds within them. */
  bound(subject: string): void
}

/** Kinds of entries that stay: alerts, what operators did, and uses of a code. Of each kind the middle is told in short, and the ends stay. */
const lasting = ['alerts', 'operator', 'uses'] as const
type Lasting = (typeof lasting)[number]

/** Number of the rows of some entries, and bytes of their words. */
interface Size {
  many: number
  bytes: number
}

/** Entries of one event by one actor. */
interface Group extends Size {
  actor: string
  event: string
}

/**
 * Writes timelines and keeps them within `entriesKept`, `lastingKept` and `wordsKept`. Whoever causes entries pushes out nothing but
 * entries of the same kind, and a timeline always fits into one document of the log.
 */
export const timelineWriter = (database: DatabaseSync): TimelineWriter => {
  const statements = timelineStatements((sql) => database.prepare(sql))

  return {
    write: (subject, entry) => {
      const { at, actor, event, count } = entry
      const text = summed(entry)
      const isReplaced = count !== undefined && statements.replace.run(text, subject, actor, event, at).changes === 1
      const kind = lastingOf(entry)
      const isNearBounds = !isShort(subject, text)
      if (!isReplaced && (kind !== undefined || !isNearBounds || hasRoom(subject, entry)))
        statements.insert.run(subject, actor, text)
      if (kind !== undefined && isNearBounds) shorten(subject, kind)
    },
    bound: (subject) => {
      for (const kind of lasting) shorten(subject, kind)
      for (const { actor } of statements.actors.all(subject)) makeRoom(subject, String(actor), 0)
    }
  }

  /** True if no bound is near, whosever the entries are. Most timelines stay so, and none of their entries is parsed to see it. */
  function isShort(subject: string, more: string): boolean {
    const { many, bytes } = statements.lengthOf.get(subject) ?? {}
    return Number(many) < lastingKept.all && Number(bytes) + Buffer.byteLength(more) <= leastWords
  }

  /** True if one more entry has room: beside the others, or in place of older ones. An agent has no such place. */
  function hasRoom(subject: string, entry: TimelineEntry): boolean {
    const { actor } = entry
    const bytes = bytesOf(entry)
    return actor === 'agent' ? !isFull(sizeOf(subject, actor), actor, bytes) : makeRoom(subject, actor, bytes)
  }

  function sizeOf(subject: string, actor: string): Size {
    const { many, bytes } = statements.sizeOf.get(subject, actor) ?? {}
    return { many: Number(many), bytes: Number(bytes) }
  }

  /** Deletes entries of an actor until one of so many bytes has room. False if none is left that may go. */
  function makeRoom(subject: string, actor: string, more: number): boolean {
    const size = sizeOf(subject, actor)
    const statement = actor === 'agent' ? statements.removeLast : statements.makeRoom
    while (isFull(size, actor, more)) {
      const gone = statement.get(subject, actor)
      if (gone === undefined) return false
      size.many -= 1
      size.bytes -= Number(gone.bytes)
    }
    return true
  }

  /** Joins entries in the middle of an event, until the kind is within its bounds. */
  function shorten(subject: string, kind: Lasting): void {
    const groups = statements[kind].all(subject) as unknown as Group[]
    for (;;) {
      const bytes = groups.reduce((sum, group) => sum + group.bytes, 0)
      const over =
        groups.find(({ many }) => many > lastingKept.all) ?? (bytes > wordsKept[kind] ? largest(groups) : undefined)
      if (over === undefined) return
      over.bytes -= joinInTheMiddle(subject, over, kind)
      over.many -= 1
    }
  }

  /** Lets an entry stand for the one after it as well. The first ones stay as they are, and so do the last. Returns the bytes that went. */
  function joinInTheMiddle(subject: string, { actor, event, many }: Group, kind: Lasting): number {
    const at = Math.min(lastingKept.first, (many - 2) >> 1)
    const isAlert = kind === 'alerts' ? 1 : 0
    const [one, next] = statements.entriesOf.all(subject, actor, event, isAlert, at)
    if (one === undefined || next === undefined) throw new Error('an entry of a timeline is not where it was')
    const [entry, after] = [one, next].map((row) => parseSummed<TimelineEntry>(String(row.entry))) as [
      TimelineEntry,
      TimelineEntry
    ]
    const joined = { ...entry, count: (entry.count ?? 1) + (after.count ?? 1), last: after.last ?? after.at }
    statements.put.run(summed(joined), one.sequence as number)
    statements.remove.run(next.sequence as number)
    return Buffer.byteLength(after.detail)
  }
}

/** True if one more entry, of so many bytes, has no room beside the others. */
const isFull = ({ many, bytes }: Size, actor: string, more: number): boolean =>
  many + Math.sign(more) > entriesKept || bytes + more > (wordsKept[actor] ?? wordsOfOthers)

/** Bytes of the words of an actor that has no share of its own. */
const wordsOfOthers = 8 * 1024

/** Bytes that each share has room for. The words of an entry are fewer than those of its JSON. */
const leastWords = Math.min(wordsOfOthers, ...Object.values(wordsKept))

/** The group with most bytes. Undefined if none has an entry to spare. */
const largest = (groups: readonly Group[]): Group | undefined =>
  groups.filter(({ many }) => many > 2).sort((one, other) => other.bytes - one.bytes)[0]

const lastingOf = ({ alert, actor, event }: TimelineEntry): Lasting | undefined => {
  if (alert) return 'alerts'
  if (event === 'used') return 'uses'
  return actor === 'operator' ? 'operator' : undefined
}

const bytesOf = ({ detail }: TimelineEntry): number => Math.max(1, Buffer.byteLength(detail))

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
const timelineStatements = (prepare: (sql: string) => StatementSync) => ({
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
