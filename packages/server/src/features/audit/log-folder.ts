import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '@joinery/host/sync-folder'
import { auditLogName } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { readIfThere, writeDurably } from '../../core/base/files.ts'
import { inOrder } from './log-names.ts'

/** The folder with the logs of this server: each log is a folder of files, as C2SP tlog-tiles names them. */
export interface LogFolder {
  /** Names of the logs, the oldest first. */
  names(): Promise<string[]>
  /** Undefined if there is no such file. */
  read(log: string, path: string): Promise<Uint8Array | undefined>
  /** Writes the file as a whole. When it resolves, the file is on the disk. */
  write(log: string, path: string, bytes: Uint8Array | string): Promise<void>
  /** Names of the files in a folder of a log. Empty if there is no such folder. */
  list(log: string, path: string): Promise<string[]>
  /** Removes a file or a folder. If it is gone already, that is success. */
  remove(log: string, path: string): Promise<void>
}

export const LogFolder = Symbol('LogFolder') as InjectionToken<LogFolder>

/** The logs below a folder of the disk, which only the server's user may open. */
export const logFolder = (root: string): LogFolder => ({
  names: async () => (await namesIn(root)).filter((name) => new RegExp(auditLogName).test(name)).sort(inOrder),
  read: (log, path) => readIfThere(join(root, log, path)),
  write: async (log, path, bytes) => {
    const file = join(root, log, path)
    await makeFolders(dirname(file))
    await writeDurably(file, bytes)
  },
  list: (log, path) => namesIn(join(root, log, path)),
  remove: (log, path) => rm(join(root, log, path), { recursive: true, force: true })
})

const namesIn = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Makes the folder and those above it, each durable in the one above. */
const makeFolders = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    if (!isMissing(error)) throw error
    await makeFolders(dirname(folder))
    await mkdir(folder, { mode: 0o700 })
  }
  await syncFolder(dirname(folder))
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
