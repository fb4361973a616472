import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { auditLogName } from '@joinery/protocol'
import { type ReadTile, tilesIn } from '@joinery/tlog'
import type { OperatorClient } from '../operator-client.ts'
import { exitCodes, ProblemAnswer } from '../terminal/errors.ts'

/** A log, as it lies somewhere. */
export interface SourceLog {
  name: string
  read: ReadTile
  /** File with the older checkpoints of a copy. Absent if there is none. */
  older?: string
}

/** Name of the file with the older checkpoints of a copy, beside the newest one. */
export const olderCheckpoints = 'checkpoints'

/** Logs that a pairing server has, read over its socket, the oldest first. */
export const logsOfServer = async (
  client: Pick<OperatorClient, 'listAuditLogs' | 'readAuditFile'>
): Promise<SourceLog[]> => {
  const { items } = await client.listAuditLogs()
  return items.map(({ name }) => ({
    name,
    read: async (path) => {
      try {
        const { content } = await client.readAuditFile({ log: name, path })
        return Buffer.from(content, 'base64')
      } catch (error) {
        if (error instanceof ProblemAnswer && error.code === 'not-found') return undefined
        throw error
      }
    }
  }))
}

/** Logs in a folder, the oldest first: the folder is a log itself, or has a folder for each log. Throws if it has none. */
export const logsInFolder = async (folder: string): Promise<SourceLog[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new CommandEnd(exitCodes.failure, `${folder} cannot be read (${error.code})`)
  })
  const logs = names.filter((name) => new RegExp(auditLogName).test(name)).sort(byYearAndNumber)
  if (logs.length > 0) return Promise.all(logs.map((name) => logIn(name, join(folder, name))))
  if (names.includes('checkpoint')) return [await logIn(folder, folder)]
  throw new CommandEnd(exitCodes.notFound, `${folder} has no audit log`, 'joinery audit export --to DIR makes a copy')
}

const logIn = async (name: string, folder: string): Promise<SourceLog> => {
  const older = join(folder, olderCheckpoints)
  const isThere = await access(older).then(
    () => true,
    () => false
  )
  return { name, read: tilesIn(folder), ...(isThere && { older }) }
}

/** Order of the names of logs: by year, and by number within a year. */
const byYearAndNumber = (one: string, other: string): number => {
  const [year = 0, number = 1] = one.split('-').map(Number)
  const [otherYear = 0, otherNumber = 1] = other.split('-').map(Number)
  return year - otherYear || number - otherNumber
}
