import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type MemoryLog, memoryLog } from '@joinery/testing/log/memory-log'
import type { Test } from 'tap'
import type { MirrorOptions } from '../../../../src/adapters/sqlite/mirror/mirror-writes.ts'
import { type Mirror, type MirrorStore, openMirror } from '../../../../src/adapters/sqlite/mirror/open-mirror.ts'
import { numbered, tables } from '../../../../src/adapters/sqlite/mirror/parts.ts'

/** Folder in memory, if the system has one and nobody chose another: these tests are not about what a disk keeps. */
const room = process.env.TMPDIR === undefined && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Path of a file in a folder of its own. */
export const newFile = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(room, 'joinery-mirror-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'joinery.db')
}

/** Servers that follow one log, one after the other, and what made one of them end. */
export const openWorld = (t: Test, log: MemoryLog = memoryLog()) => {
  const ends: string[] = []
  const options: Omit<MirrorOptions, 'closed'> = {
    ended: ({ message }) => void ends.push(message),
    monotonic: () => now
  }
  let now = 0
  return {
    log,
    ends,
    advance: (milliseconds: number) => {
      now += milliseconds
    },
    /** A server on this file, or on a new one, after it has taken over. */
    server: (file = ':memory:', over: Partial<MirrorOptions> = {}): MirrorStore => {
      const mirror = opened(t, file)
      const store = mirror.store(log.taken(), { ...options, ...over })
      t.teardown(() => store.close())
      return store
    }
  }
}

/** A mirror that is closed at the end of the test, if nobody made a store of it. */
export const opened = (t: Test, file: string): Mirror => {
  const mirror = openMirror(file)
  t.teardown(() => {
    try {
      mirror.close()
    } catch {
      // its store has closed it
    }
  })
  return mirror
}

/** All rows of a file that are in the log, and what is made of them, in the order of their places. */
export const dump = (file: string): Record<string, unknown[]> => {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = (sql: string) => database.prepare(sql).all()
    return {
      ...Object.fromEntries(
        Object.entries(tables)
          .filter(([table]) => table !== 'sqlite_sequence')
          .map(([table, columns]) => [table, rows(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${columns[0]}`)])
      ),
      sequences: rows(
        `SELECT name, seq FROM sqlite_sequence WHERE name IN (${numbered.map((one) => `'${one}'`)}) ORDER BY name`
      ),
      attempts: rows('SELECT * FROM attempts ORDER BY enrolment, number'),
      log: rows('SELECT * FROM log'),
      documents: rows('SELECT * FROM log_documents ORDER BY name'),
      kept: rows('SELECT * FROM kept_ended ORDER BY enrolment')
    }
  } finally {
    database.close()
  }
}
