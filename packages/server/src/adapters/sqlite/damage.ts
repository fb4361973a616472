import type { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '@joinery/protocol'
import { requireWhole } from './require-whole.ts'
import { isFailedSync, sqliteProblem } from './sqlite-problem.ts'

/**
 * Remembers the errors of calls to the database. It calls `syncFailed` if what a commit wrote may not be on the disk.
 */
export const damageWatch = (database: DatabaseSync, syncFailed: (error: Error) => void) => {
  /** The error of a call, until the whole file was read again: one whole part proves nothing about the rest. */
  let trouble: ProblemError | undefined
  const guard = <T>(work: () => T): T => {
    try {
      return explained('the database', work)
    } catch (error) {
      if (error instanceof ProblemError && isFailedSync(error.cause)) syncFailed(error.cause)
      const lasting = error instanceof ProblemError && error.code !== 'store-full'
      if (lasting && trouble?.code !== 'store-damaged') trouble = error
      throw error
    }
  }
  return {
    /** Does `work`, and remembers its error. */
    guard,

    /** Reads the whole file. A server on a damaged store starts, says so, and acknowledges nothing. */
    lookAtStart: (): void => {
      try {
        guard(() => requireWhole(database))
      } catch (error) {
        if (trouble === undefined) throw error
      }
    },

    /** Throws `store-damaged` if the store was found damaged. */
    refuseDamaged: (): void => {
      if (trouble?.code === 'store-damaged') throw trouble
    },

    /** Forgets the error if the whole file can be read again. */
    findWholeAgain: (): void => {
      if (trouble === undefined) return
      requireWhole(database)
      trouble = undefined
    }
  }
}

/** Does `work`, and turns SQLite's error into a problem. */
export const explained = <T>(database: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw sqliteProblem(error, database) ?? error
  }
}
