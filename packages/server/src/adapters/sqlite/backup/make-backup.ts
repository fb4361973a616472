import { createHash } from 'node:crypto'
import { closeSync, createReadStream, existsSync, openSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { version } from '@joinery/protocol'
import { writeDurably } from '../../../core/base/files.ts'
import { StartRefusal } from '../../../core/base/start-refusal.ts'
import { readKeyFiles } from '../../../core/keys/key-files.ts'
import { checkAuthorityKeys, readStateKeys } from '../../../core/keys/state-keys.ts'
import { storeFileIn } from '../../../core/ports/store/store-files.ts'
import { requireWhole } from '../require-whole.ts'
import { sqliteProblem } from '../sqlite-problem.ts'
import { migrate, refuseNewer } from '../versions/migrate.ts'
import { backupFile } from './backup-file.ts'
import { keyParts } from './key-parts.ts'
import { sealBackup } from './seal-backup.ts'

export interface BackupOptions {
  state: string
  /** Path of the backup to make. */
  file: string
  passphrase: string
  now: Date
}

/**
 * Makes one file with the store of one moment and the keys, while the server works or stands still. This process copies
 * the store in one step: it neither waits for a server that writes meanwhile, nor holds it up. It reads the whole copy
 * before the copy counts as a backup. Throws `StartRefusal`, `store-newer` and `store-damaged`.
 */
export const makeBackup = async ({ state, file, passphrase, now }: BackupOptions): Promise<void> => {
  if (existsSync(file)) throw new StartRefusal(`${file} is there already`, 'name another file, nothing is written over')
  await checkAuthorityKeys(state, await readStateKeys(state))
  const keyFiles = await readKeyFiles(state)
  const copy = join(dirname(file), `.${basename(file)}.db.new`)
  reserve(copy)
  try {
    await copyStore(storeFileIn(state), copy)
    const contents = {
      made: now.toISOString(),
      by: version,
      ...keyParts(keyFiles),
      database: { bytes: (await stat(copy)).size, sha256: await sha256Of(copy) }
    }
    await writeDurably(file, backupFile(await sealBackup(contents, passphrase), copy))
  } finally {
    await rm(copy, { force: true })
  }
}

/** Reserves the file for this process only: two backups into one file would spoil each other. */
const reserve = (copy: string): void => {
  try {
    closeSync(openSync(copy, 'wx', 0o600))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    if (code === 'EEXIST') {
      throw new StartRefusal(
        'another backup writes this file now, or was interrupted',
        `rm ${copy}, if it was interrupted`
      )
    }
    throw new StartRefusal(`${copy} cannot be made (${code})`)
  }
}

const copyStore = async (database: string, copy: string): Promise<void> => {
  if (!existsSync(database)) {
    throw new StartRefusal(`there is no ${database}`, 'it is made when joinery-server runs for the first time')
  }
  try {
    refuseNewer(database)
    const source = new DatabaseSync(database, { readOnly: true })
    try {
      // in one step: a copy that a writer interrupts begins again
      await backup(source, copy, { rate: 2 ** 30 })
    } finally {
      source.close()
    }
    const made = new DatabaseSync(copy)
    try {
      // one file, without a WAL beside it
      made.exec('PRAGMA journal_mode = DELETE')
      migrate(made)
      requireWhole(made)
    } finally {
      made.close()
    }
  } catch (error) {
    throw sqliteProblem(error, database) ?? error
  }
}

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}
