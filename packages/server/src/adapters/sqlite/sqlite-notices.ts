import type { DatabaseSync } from 'node:sqlite'
import type { TimelineEntry } from '@joinery/protocol'
import type { NoticeDocument, NoticeQueue, QueueChange, ReceiverDocument } from '../../core/ports/store/notice-queue.ts'
import { parseSummed, summed } from './summed.ts'

/** Tables of the queue. The migration has their text, so it never changes. */
export const noticesSchema = `
CREATE TABLE receivers (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
CREATE TABLE notices (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, receiver TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
  dead INTEGER NOT NULL, many INTEGER NOT NULL, due TEXT NOT NULL, revision INTEGER NOT NULL, document TEXT NOT NULL,
  UNIQUE (receiver, id)
) STRICT;
CREATE INDEX notices_by_due ON notices (receiver, dead, due, sequence);
CREATE INDEX notices_by_kind ON notices (receiver, dead, kind, sequence);`

/** The queue of notices in a store's file: what it reads, and the writer for the part of a change that is about it. */
export const sqliteNotices = (
  prepare: DatabaseSync['prepare'],
  guard: <T>(work: () => T) => T
): { reads: NoticeQueue; write: (change: QueueChange) => boolean } => {
  const entriesAfter = prepare(
    'SELECT sequence, subject, entry FROM timeline WHERE sequence > ? ORDER BY sequence LIMIT ?'
  )
  const lastPlace = prepare("SELECT seq AS place FROM sqlite_sequence WHERE name = 'timeline'")
  const receivers = prepare('SELECT revision, document FROM receivers ORDER BY name')
  const receiver = prepare('SELECT revision, document FROM receivers WHERE name = ?')
  const waiting = prepare('SELECT kind, count(*) AS count FROM notices WHERE receiver = ? AND dead = 0 GROUP BY kind')
  const next = prepare(`SELECT revision, document FROM notices AS one WHERE receiver = ? AND dead = 0
    AND NOT (many AND EXISTS (SELECT 1 FROM notices AS older WHERE older.receiver = one.receiver AND older.dead = 0
      AND older.kind = one.kind AND older.sequence < one.sequence))
    ORDER BY due, sequence LIMIT 1`)
  const open = prepare(`SELECT revision, document FROM notices WHERE receiver = ? AND dead = 0 AND kind = ? AND many
    AND document ->> '$.tries' = 0 ORDER BY sequence DESC LIMIT 1`)
  const rows = (order: 'ASC' | 'DESC') =>
    prepare(`SELECT revision, document FROM notices WHERE receiver = ? AND dead = ? ORDER BY sequence ${order}`)
  const [oldestFirst, newestFirst] = [rows('ASC'), rows('DESC')]
  const insertReceiver = prepare(
    'INSERT INTO receivers (name, revision, document) VALUES (?, 1, ?) ON CONFLICT (name) DO NOTHING'
  )
  const updateReceiver = prepare(
    'UPDATE receivers SET revision = revision + 1, document = ? WHERE name = ? AND revision = ?'
  )
  const insertNotice = prepare(
    `INSERT INTO notices (receiver, id, kind, dead, many, due, revision, document) VALUES (?, ?, ?, ?, ?, ?, 1, ?)
    ON CONFLICT (receiver, id) DO NOTHING`
  )
  const updateNotice = prepare(
    `UPDATE notices SET dead = ?, many = ?, due = ?, revision = revision + 1, document = ?
    WHERE receiver = ? AND id = ? AND revision = ?`
  )
  const deleteNotice = prepare('DELETE FROM notices WHERE receiver = ? AND id = ? AND revision = ?')
  const forgetNotices = prepare('DELETE FROM notices WHERE receiver = ?')
  const forgetReceiver = prepare('DELETE FROM receivers WHERE name = ?')

  const writeReceiver = (document: ReceiverDocument): boolean => {
    const { name, revision } = document
    const text = summed(document, revision + 1)
    const { changes } = revision === 0 ? insertReceiver.run(name, text) : updateReceiver.run(text, name, revision)
    return changes === 1
  }
  const writeNotice = (document: NoticeDocument): boolean => {
    const { receiver, id, kind, due, revision } = document
    const [dead, many] = [Number(document.dead !== undefined), Number(document.count !== undefined)]
    const text = summed(document, revision + 1)
    if (revision === 0) {
      // an event that is in the queue already stays as it is there
      insertNotice.run(receiver, id, kind, dead, many, due, text)
      return true
    }
    return updateNotice.run(dead, many, due, text, receiver, id, revision).changes === 1
  }

  return {
    reads: {
      entriesAfter: async (place, limit) =>
        guard(() =>
          entriesAfter.all(place, limit).map(({ sequence, subject, entry }) => ({
            place: Number(sequence),
            item: { subject: String(subject), entry: parseSummed<TimelineEntry>(String(entry)) }
          }))
        ),
      lastPlace: async () => guard(() => Number(lastPlace.get()?.place ?? 0)),
      receivers: async () => guard(() => receivers.all().map(read<ReceiverDocument>)),
      receiver: async (name) => guard(() => readOne<ReceiverDocument>(receiver.get(name))),
      waiting: async (name) =>
        guard(() => Object.fromEntries(waiting.all(name).map(({ kind, count }) => [String(kind), Number(count)]))),
      next: async (name) => guard(() => readOne<NoticeDocument>(next.get(name))),
      open: async (name, kind) => guard(() => readOne<NoticeDocument>(open.get(name, kind))),
      allWaiting: async (name) => guard(() => oldestFirst.all(name, 0).map(read<NoticeDocument>)),
      dead: async (name) => guard(() => newestFirst.all(name, 1).map(read<NoticeDocument>))
    },
    /** Writes the part of a change, within the caller's transaction. False if a document is not at the revision that was read. */
    write: ({ receivers = [], notices = [], sent = [], forgotten = [] }) => {
      for (const name of forgotten) {
        forgetNotices.run(name)
        forgetReceiver.run(name)
      }
      return [
        ...receivers.map(writeReceiver),
        ...notices.map(writeNotice),
        ...sent.map(({ receiver, id, revision }) => deleteNotice.run(receiver, id, revision).changes === 1)
      ].every(Boolean)
    }
  }
}

type Row = Record<string, unknown>

/** Parses the document of a row. Its revision is the one in the row. */
const read = <T extends { revision: number }>(row: Row): T => ({
  ...parseSummed<T>(String(row.document), Number(row.revision)),
  revision: Number(row.revision)
})
const readOne = <T extends { revision: number }>(row: Row | undefined): T | undefined =>
  row === undefined ? undefined : read<T>(row)
