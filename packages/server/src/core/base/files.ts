import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '@joinery/host/sync-folder'
import { type DurableWrite, writeDurably as write } from '@joinery/host/write-durably'

const privateFile = 0o600

/**
 * Replaces the file as a whole, as the `writeDurably` of every program does. The file belongs to the owner of its folder, so the
 * server's user can read what root writes for the server.
 */
export const writeDurably = async (
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  mode = privateFile
): Promise<void> => write(file, content, { mode, owner: await ownerFor(dirname(file)) })

/** Makes the folder and its parents. A folder that exists keeps its mode. */
export const makeFolder = async (folder: string, mode: number): Promise<void> => {
  const first = await mkdir(folder, { recursive: true, mode })
  if (first !== undefined) await syncFolder(dirname(first))
}

/** Deletes the file for good. If it is gone already, that is success. */
export const removeDurably = async (file: string): Promise<void> => {
  await rm(file, { force: true })
  await syncFolder(dirname(file))
}

/** Reads the file. Undefined if there is none. */
export const readIfThere = async (file: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The owner that root gives to a file in this folder. Undefined for any other user, who can give nothing away. */
export const ownerFor = async (folder: string): Promise<DurableWrite['owner']> => {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = await stat(folder)
  return { uid, gid }
}
