import { existsSync } from 'node:fs'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '@joinery/host/sync-folder'
import { storeFileIn } from './store-files.ts'

/** A store that was put aside, since the log went on without what it has. */
export interface LostFile {
  path: string
  /** When the log left it. What operators decided since counts more than what the file says. */
  at: Date
}

/** Ends of the files that SQLite keeps for one database. */
const parts = ['', '-wal', '-shm']

const prefix = '.lost-'

/**
 * Puts the store of this folder aside, so that the log can be read into a new one. The next server that serves here compares them.
 * Returns its path.
 */
export const putAside = async (state: string, at: Date): Promise<string> => {
  const from = storeFileIn(state)
  const to = `${from}${prefix}${at.toISOString().replaceAll(':', '')}`
  // the database last: as long as it is there, nothing has happened
  for (const part of parts.toReversed()) if (existsSync(from + part)) await rename(from + part, to + part)
  await syncFolder(state)
  return to
}

/** The stores of this folder that were put aside, and not compared yet. */
export const lostFiles = async (state: string): Promise<LostFile[]> => {
  const start = `${storeFileIn('')}${prefix}`
  const names = (await readdir(state)).filter(
    (name) => name.startsWith(start) && !parts.slice(1).some((part) => name.endsWith(part))
  )
  return names.sort().map((name) => ({ path: join(state, name), at: timeIn(name.slice(start.length)) }))
}

/** The time in the name of a file. If there is none, what was decided ever counts more. */
const timeIn = (text: string): Date => {
  const at = new Date(text.replace(/T(\d\d)(\d\d)/, 'T$1:$2:'))
  return Number.isNaN(at.getTime()) ? new Date(0) : at
}

/** Notes that a store that was put aside has been compared. It stays, for people. */
export const compared = async (state: string, { path }: LostFile): Promise<void> => {
  for (const part of parts) {
    if (existsSync(path + part)) await rename(path + part, path.replace(prefix, '.before-') + part)
  }
  await syncFolder(state)
}
