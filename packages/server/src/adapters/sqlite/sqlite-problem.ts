import { ProblemError } from '@joinery/protocol'
import { diskFull } from '../../core/ports/store/disk-full.ts'

/** SQLite's result codes, https://www.sqlite.org/rescode.html: the low byte is the primary code. */
const corrupt = 11
const full = 13
const notADatabase = 26

/** Error of a read that finds something else than what was written. */
export class Damage extends Error {}

/**
 * True if the error is SQLITE_IOERR_FSYNC or SQLITE_IOERR_DIR_FSYNC. The kernel may have thrown away what it could not
 * write, and say so only once. Only after a start does the process know again what is on the disk.
 */
export const isFailedSync = (error: unknown): error is Error =>
  error instanceof Error && 'errcode' in error && [1034, 1290].includes(Number(error.errcode))

/**
 * The problem that a caller gets for an error by SQLite, or for text that is no document. Undefined for any other
 * error.
 */
export const sqliteProblem = (error: unknown, database: string): ProblemError | undefined => {
  // SyntaxError comes from JSON.parse
  if (error instanceof Damage || error instanceof SyntaxError) return damaged(`${database} is damaged`, error)
  if (!(error instanceof Error && 'errcode' in error)) return undefined
  switch (Number(error.errcode) & 0xff) {
    case full:
      return diskFull(error)
    case corrupt:
      return damaged(`${database} is damaged`, error)
    case notADatabase:
      return damaged(`${database} is damaged, or no database`, error)
    default:
      return new ProblemError(
        'store-unavailable',
        {
          detail: `${database} cannot be read or written`,
          remedy: 'look at the disk of the state folder, and at the owner of its files'
        },
        { cause: error }
      )
  }
}

const damaged = (detail: string, cause: Error): ProblemError =>
  new ProblemError('store-damaged', { detail, remedy: startAnew }, { cause })

/** The problem of a store that is whole, and is not one that the steps of this program made. */
export const anotherStore = (detail: string): ProblemError =>
  new ProblemError('store-damaged', { detail: `the store is not one of joinery-server: ${detail}`, remedy: startAnew })

// SQLite would read the WAL beside another database into it
const startAnew =
  'systemctl stop joinery-server; move joinery.db, joinery.db-wal and joinery.db-shm away together; start it on an empty store (codes and enrolments are forgotten, Nodes and bans stay), or run joinery-server restore before'
