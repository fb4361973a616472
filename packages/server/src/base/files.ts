import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '@joinery/host/sync-folder'

const privateFile = 0o600

/**
 * Replaces the file as a whole: a reader, or a power cut, finds the old content or the new one on disk. The file
 * belongs to the owner of its folder, so the server's user can read what root writes for the server.
 */
export const writeDurably = async (
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  mode = privateFile
): Promise<void> => {
  const aside = join(dirname(file), `.${basename(file)}.new`)
  await rm(aside, { force: true })
  const handle = await open(aside, 'wx', mode)
  try {
    await giveToOwner(dirname(file), handle)
    await handle.writeFile(content)
    await handle.sync()
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  await rename(aside, file)
  await syncFolder(dirname(file))
}

/** Makes the folder and its parents. A folder that exists keeps its mode. */
export const makeFolder = async (folder: string, mode: number): Promise<void> => {
  const first = await mkdir(folder, { recursive: true, mode })
  if (first !== undefined) await syncFolder(dirname(first))
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

const giveToOwner = async (folder: string, handle: FileHandle): Promise<void> => {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(folder)
  await handle.chown(uid, gid)
}
