import type { DatabaseSync } from 'node:sqlite'
import type { AuditChange, AuditLogDocument, AuditQueue } from '../../../core/ports/store/audit-queue.ts'
import { parseSummed, summed } from '../summed.ts'

/** Tables of the audit log's queue. The migration has their text, so it never changes. */
export const auditSchema = `
CREATE TABLE leaves (sequence INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL) STRICT;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, restored INTEGER NOT NULL, document TEXT
) STRICT;
INSERT INTO audit VALUES (1, 0, 0, NULL);`

/** Marks the log of a store that comes out of a backup: its folder may have more. */
export const markRestored = 'UPDATE audit SET restored = 1'

/** The audit log's queue in a store's file: what it reads, and the writers for the parts of a change that are about it. */
export const sqliteAudit = (
  prepare: DatabaseSync['prepare'],
  guard: <T>(work: () => T) => T
): { reads: AuditQueue; write: (change: AuditChange) => boolean; add: (leaf: string) => void } => {
  const log = prepare('SELECT revision, restored, document FROM audit WHERE document IS NOT NULL')
  const waiting = prepare('SELECT sequence, document FROM leaves ORDER BY sequence LIMIT ?')
  const count = prepare('SELECT count(*) AS count FROM leaves')
  const insert = prepare('INSERT INTO leaves (document) VALUES (?)')
  const forget = prepare('DELETE FROM leaves WHERE sequence <= ?')
  const update = prepare('UPDATE audit SET revision = revision + 1, restored = 0, document = ? WHERE revision = ?')

  return {
    reads: {
      log: async () =>
        guard(() => {
          const row = log.get()
          if (row === undefined) return undefined
          const revision = Number(row.revision)
          const document = parseSummed<AuditLogDocument>(String(row.document), revision)
          return { ...document, revision, ...(row.restored === 1 && { restored: true }) }
        }),
      waiting: async (limit) =>
        guard(() =>
          waiting.all(limit).map(({ sequence, document }) => ({
            sequence: Number(sequence),
            leaf: parseSummed<{ leaf: string }>(String(document)).leaf
          }))
        ),
      countWaiting: async () => guard(() => Number(count.get()?.count))
    },
    /** Writes the part of a change, within the caller's transaction. False if the log is not at the revision that was read. */
    write: ({ log: { restored: _, ...document }, through }) => {
      if (through !== undefined) forget.run(through)
      return update.run(summed(document, document.revision + 1), document.revision).changes === 1
    },
    add: (leaf) => void insert.run(summed({ leaf }))
  }
}
