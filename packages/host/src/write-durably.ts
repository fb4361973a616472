import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from './sync-folder.ts'

export interface DurableWrite {
  /** Permission bits, whatever the umask is. By default, only the owner may read and write. */
  mode?: number
  /** Owner of the file. By default, the user who writes. */
  owner?: { uid: number; gid: number } | undefined
  /** Path of the draft beside the file. By default, the next write of the file removes a draft that a crash left. */
  draft?: string
  /** Gives the whole draft its name. By default, the draft replaces the file. */
  place?: (draft: string, file: string) => Promise<void>
  /** False if the caller makes the folder durable, for example after many files. */
  syncsFolder?: boolean
}

/**
 * Writes a file as a whole: a reader, or a power cut, finds the old content or the new one on disk. If anything
 * fails, for example on a full disk, no draft is left.
 */
export const writeDurably = async (
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  { mode = 0o600, owner, draft, place = rename, syncsFolder = true }: DurableWrite = {}
): Promise<void> => {
  const aside = draft ?? join(dirname(file), `.${basename(file)}.new`)
  if (draft === undefined) await rm(aside, { force: true })
  // 'wx': a file or link that somebody else put there is never written through
  const handle = await open(aside, 'wx', mode)
  try {
    await fill(handle, content, mode, owner)
    await place(aside, file)
    if (syncsFolder) await syncFolder(dirname(file))
  } finally {
    await rm(aside, { force: true })
  }
}

const fill = async (
  handle: FileHandle,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  mode: number,
  owner: DurableWrite['owner']
): Promise<void> => {
  try {
    const { uid, gid } = await handle.stat()
    // not if the owner is right already: the agent's unit may not change it
    if (owner !== undefined && (owner.uid !== uid || owner.gid !== gid)) await handle.chown(owner.uid, owner.gid)
    await handle.chmod(mode)
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
