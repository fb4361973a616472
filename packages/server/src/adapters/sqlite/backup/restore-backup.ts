import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { syncFolder } from '@joinery/host/sync-folder'
import { ProblemError } from '@joinery/protocol'
import { makeFolder, readIfThere, writeDurably } from '../../../core/base/files.ts'
import { StartRefusal } from '../../../core/base/start-refusal.ts'
import { writeKeyFile } from '../../../core/keys/authority-keys.ts'
import { fitEachOther, nextPinFile } from '../../../core/keys/key-files.ts'
import { nextPinTextOf } from '../../../core/keys/next-pin.ts'
import { storeFileIn } from '../../../core/ports/store/store-files.ts'
import { takeState } from '../../../core/ports/store/take-state.ts'
import { markRestored } from '../audit/sqlite-audit.ts'
import { forgetDocuments } from '../mirror/log-tables.ts'
import { requireWhole } from '../require-whole.ts'
import { migrate, refuseNewer } from '../versions/migrate.ts'
import { openBackup } from './backup-file.ts'
import { keyFilesOf } from './key-parts.ts'
import type { BackupContents } from './seal-backup.ts'

export interface RestoreOptions {
  state: string
  file: string
  passphrase: string
  now: Date
  print(line: string): void
}

/**
 * Puts the store and the keys of a backup into a state folder with no store, and no other keys. It overwrites nothing,
 * and checks everything before it puts anything in its place. The keys come first and the store last, by one rename. If
 * it is cut anywhere, it can run again. A server that was started in between has an empty store, which is safer than an
 * old one. It marks the store: the server that starts on it gives out nothing by what the store says, see
 * `settleRestored`. Throws `StartRefusal`.
 */
export const restoreBackup = async ({ state, file, passphrase, now, print }: RestoreOptions): Promise<void> => {
  const { contents, database } = await openBackup(file, passphrase)
  const keys = keysOf(file, contents)
  await makeFolder(state, 0o700)
  const taken = takeState(state)
  const staged = join(state, '.joinery.db.restored')
  try {
    refuseStore(state)
    const missing = await missingKeys(state, keys)
    await writeDurably(staged, database())
    prepare(file, staged, now)
    for (const [name, content] of missing) await writeKeyFile(state, name, content)
    const nextPin = await nextPinTextOf(new Map(keys))
    if (nextPin !== '') await writeKeyFile(state, nextPinFile, nextPin)
    await rename(staged, storeFileIn(state))
    await syncFolder(state)
    for (const [name] of keys) {
      print(`${join(state, name)} ${missing.some(([one]) => one === name) ? 'restored' : 'unchanged'}`)
    }
    print(`${storeFileIn(state)} restored, of ${contents.made}`)
  } finally {
    await rm(staged, { force: true })
    await rm(`${staged}-journal`, { force: true })
    taken.release()
  }
}

type Keys = readonly (readonly [name: string, content: Buffer])[]

/** Reads the keys only by names that keys have. A backup whose keys do not fit each other is no backup. */
const keysOf = (file: string, contents: BackupContents): Keys => {
  const files = keyFilesOf(contents)
  if (!fitEachOther(files)) throw new StartRefusal(`the keys in ${file} do not fit each other`)
  return [...files]
}

const refuseStore = (state: string): void => {
  const there = ['', '-wal', '-shm'].map((part) => join(state, `joinery.db${part}`)).filter((one) => existsSync(one))
  if (there.length === 0) return
  throw new StartRefusal(
    `${there.join(', ')}: there is a store already`,
    `move it away as a whole, mkdir ${state}/before && mv ${state}/joinery.db* ${state}/before/`
  )
}

/** The keys of the backup that are not there yet. Throws if another key is there: every machine pins the CA. */
const missingKeys = async (state: string, keys: Keys): Promise<Keys> => {
  const missing: (readonly [string, Buffer])[] = []
  for (const [name, content] of keys) {
    const there = await readIfThere(join(state, name))
    if (there === undefined) missing.push([name, content])
    else if (!there.equals(content)) {
      throw new StartRefusal(
        `${join(state, name)} differs from the one in the backup`,
        `move it away first, with all of ${state}`
      )
    }
  }
  return missing
}

/** Triggers and views of the database, by their whole text. */
const actingParts = (database: DatabaseSync): Set<string> =>
  new Set(
    database
      .prepare(`SELECT sql FROM sqlite_schema WHERE type IN ('trigger', 'view')`)
      .all()
      .map(({ sql }) => String(sql))
  )

const ownActingParts = (): Set<string> => {
  const fresh = new DatabaseSync(':memory:')
  try {
    migrate(fresh)
    return actingParts(fresh)
  } finally {
    fresh.close()
  }
}

/**
 * Makes the staged database a store of this program's version that knows that it was restored. Nothing in it has been
 * trusted so far.
 */
const prepare = (file: string, staged: string, now: Date): void => {
  try {
    refuseNewer(staged)
    const database = new DatabaseSync(staged)
    try {
      // a foreign trigger would act at the next write
      if (!actingParts(database).isSubsetOf(ownActingParts())) throw new Error('it has other triggers or views')
      database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL')
      migrate(database)
      requireWhole(database)
      database.prepare('UPDATE restored SET at = ?').run(now.toISOString())
      database.exec(markRestored)
      database.exec(forgetDocuments)
    } finally {
      database.close()
    }
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'store-newer') throw error
    throw new StartRefusal(`the database in ${file} is not a store of joinery-server, or is damaged`)
  }
}
