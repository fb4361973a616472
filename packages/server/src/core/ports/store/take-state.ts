import { closeSync, constants, existsSync, fchownSync, lstatSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartRefusal } from '../../base/start-refusal.ts'

export interface TakenState {
  release(): void
}

/**
 * Takes the state folder for this process until `release` or the end of the process. After kill -9, too, the kernel
 * frees what SQLite has locked. Two servers would each answer agents from a memory of their own, and take each other's
 * socket. Throws `StartRefusal` if another process has the folder, or if there is no such folder.
 */
export const takeState = (state: string): TakenState => {
  if (!existsSync(state)) throw new StartRefusal(`there is no ${state}`, 'make it with joinery-server init')
  const file = join(state, 'joinery.lock')
  try {
    makeFor(state, file)
    const lock = new DatabaseSync(file)
    // a journal on disk needs room there, and a server must start on a full disk
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return { release: () => lock.close() }
  } catch (error) {
    if (isBusy(error)) {
      throw new StartRefusal(
        `another joinery-server has ${state}`,
        'end that server first: systemctl stop joinery-server'
      )
    }
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartRefusal(`${file} cannot be locked (${reason})`, 'look at its owner and at its disk')
  }
}

/** Makes the lock file for the folder's owner: root may take the folder once, and the server takes it later. */
const makeFor = (state: string, file: string): void => {
  const there = lstatSync(file, { throwIfNoEntry: false })
  // root would make the file that a link names
  if (there?.isFile() === false) throw new Error('it is no file')
  if (there !== undefined) return
  const { O_CREAT, O_NOFOLLOW, O_WRONLY } = constants
  const made = openSync(file, O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600)
  if (process.getuid?.() === 0) {
    const { uid, gid } = statSync(state)
    fchownSync(made, uid, gid)
  }
  closeSync(made)
}

/** True if the error is SQLITE_BUSY, https://www.sqlite.org/rescode.html */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
