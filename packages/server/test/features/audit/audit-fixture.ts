import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditLeaf, type LeafValue, leafTextOf, readLeaf } from '@joinery/protocol'
import { TestClock } from '@joinery/testing/clocks/test-clock'
import { openLog, readCheckpoint, type Verification, verifyLog } from '@joinery/tlog'
import type { Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { budgets } from '../../../src/core/base/budgets.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import { AuditFollower } from '../../../src/features/audit/audit-follower.ts'
import { type LogFolder, logFolder } from '../../../src/features/audit/log-folder.ts'

/** Folder in memory, if the system has one and nobody chose another: these tests are not about what a disk keeps. */
const room = process.env.TMPDIR === undefined && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A leaf, as text. */
export const aLeaf = (event: string, time: Date, fields: Record<string, LeafValue> = {}): string =>
  leafTextOf({ v: 1, time: time.toISOString(), event, subject: 'e', actor: 'server', fields } as AuditLeaf)

/** A store, a folder, and servers that bring the leaves of the one into the other. */
export const openAudit = async (t: Test) => {
  const folder = await mkdtemp(join(room, 'joinery-audit-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const disk = logFolder(folder)
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const clock = new TestClock()
  const { privateKey: key } = generateKeyPairSync('ed25519')
  const lines: string[] = []
  const world = {
    folder,
    disk,
    store,
    clock,
    key,
    get log() {
      return lines.join('')
    },
    add: (...events: string[]) => store.commit({ leaves: events.map((event) => aLeaf(event, clock.now())) }),
    /** A server on this store and folder, as far as the log needs one. */
    server: (
      over: {
        store?: Partial<WritableStore>
        folder?: Partial<LogFolder>
        key?: typeof key
        batch?: number
        server?: string
      } = {}
    ) =>
      new AuditFollower({
        queue: over.store?.audit ?? store.audit,
        // without leaves of its own: here the test says which there are
        commits: { append: over.store?.commit ?? store.commit },
        folder: { ...disk, ...over.folder },
        key: over.key ?? key,
        cluster: async () => 'c1',
        clock,
        log: makeLog({ write: (line) => void lines.push(line) }),
        budget: { ...budgets.audit, gather: 1, again: 1, batch: over.batch ?? budgets.audit.batch },
        ...(over.server !== undefined && { server: over.server })
      }),
    /** Size and findings of a log in the folder, verified as an auditor does it. */
    verify: async (name: string, known: string[] = []): Promise<Verification> => {
      const keyText = await world.server().verifierKey(name)
      return verifyLog({
        read: (path) => disk.read(name, path),
        key: keyText,
        checkpoint: await world.checkpoint(name),
        known: known.map((note, index) => ({ name: `kept ${index}`, note }))
      })
    },
    checkpoint: async (name: string): Promise<string> =>
      Buffer.from((await disk.read(name, 'checkpoint')) ?? '').toString(),
    /** Events of the leaves of a log, in order. */
    events: async (name: string): Promise<string[]> => (await world.leaves(name)).map(({ event }) => event),
    leaves: async (name: string): Promise<AuditLeaf[]> => {
      const note = await world.checkpoint(name)
      const head = readCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1))
      const found: AuditLeaf[] = []
      for await (const { leaf } of (await openLog((path) => disk.read(name, path), head)).entries()) {
        found.push(readLeaf(Buffer.from(leaf).toString()) as AuditLeaf)
      }
      return found
    }
  }
  return world
}
