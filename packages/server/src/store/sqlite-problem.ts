import { ProblemError } from '@joinery/protocol'
import { diskFull } from '../disk-full.ts'

/** SQLite's result codes, https://www.sqlite.org/rescode.html: the low byte is the primary code. */
const corrupt = 11
const full = 13
const notADatabase = 26

/** What a caller is told of an error by SQLite, or by a document that is none; undefined where it is another error. */
export const sqliteProblem = (error: unknown, database: string): ProblemError | undefined => {
  // by JSON.parse
  if (error instanceof SyntaxError) return damaged(`${database} is damaged`, error)
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
  new ProblemError(
    'store-damaged',
    {
      detail,
      // the WAL beside another database would be read into it
      remedy:
        'systemctl stop joinery-server; move joinery.db, joinery.db-wal and joinery.db-shm away together; put back a backup, or begin anew without: codes and enrolments are forgotten, Nodes and bans stay'
    },
    { cause }
  )
