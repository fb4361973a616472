import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, chmod, link, lstat, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { InjectionToken } from 'tsyringe'
import { syncFolder } from './sync-folder.ts'
import { type DurableWrite, writeDurably } from './write-durably.ts'

/** Files of the machine, by their absolute path. The agent's own journal and identity are written through it too. */
export interface Files {
  /** The text of a file. Undefined if there is no file. */
  read(path: string): Promise<string | undefined>
  exists(path: string): Promise<boolean>
  /** Describes the file itself, not the target of a link. Undefined if there is no file. */
  stat(path: string): Promise<FileStat | undefined>
  /** Names in a folder, sorted. Empty if there is no folder. */
  list(path: string): Promise<string[]>
  /** Replaces the whole file or nothing, and keeps it through a power cut. */
  write(path: string, text: string, mode: number): Promise<void>
  /**
   * Writes a file that is not there yet, whole, as `write` does. If there is one, nothing is changed and the result
   * is false.
   */
  create(path: string, text: string, mode: number): Promise<boolean>
  /**
   * Changes a file, if there is one, as `write` does. Its owner, its mode and every other byte stay. The text is
   * Latin-1: a character is a byte. If `change` returns the same text, the file is not touched. A link is an error.
   */
  edit(path: string, change: (text: string) => string): Promise<void>
  /** Writes into a file of the kernel (/proc/sys), over which nothing can be renamed. */
  set(path: string, text: string): Promise<void>
  /** Makes a folder with this mode, and keeps it through a power cut. A folder that is there stays as it is. */
  makeFolder(path: string, mode: number): Promise<void>
  /** Removes a file, with the drafts of interrupted writes. If the file is gone already, that is success. */
  remove(path: string): Promise<void>
}
interface FileStat {
  kind: 'file' | 'link' | 'other'
  /** Size in bytes. 0 for a file of the kernel. */
  size: number
  /** Permission bits. */
  mode: number
  inode: number
}
export const Files = Symbol('Files') as InjectionToken<Files>

/** The files under `root`: `/` for the machine itself. */
export const filesUnder = (root: string): Files => {
  const at = (path: string): string => join(root, path)
  return {
    read: (path) => readFile(at(path), 'utf8').catch(absent(undefined)),
    exists: (path) => access(at(path)).then(() => true, absent(false)),
    stat: (path) => lstat(at(path)).then(describe, absent(undefined)),
    list: (path) => readdir(at(path)).then((names) => names.sort(), absent([])),
    write: (path, text, mode) => drafted(at(path), text, mode),
    create: (path, text, mode) => create(at(path), text, mode),
    edit: (path, change) => edit(at(path), change),
    makeFolder: (path, mode) => makeFolder(at(path), mode),
    set: (path, text) => writeFile(at(path), text, { flag: 'r+' }),
    remove: (path) => remove(at(path))
  }
}

const absent =
  <T>(instead: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead
    throw error
  }

const describe = (found: Stats): FileStat => ({
  kind: found.isSymbolicLink() ? 'link' : found.isFile() ? 'file' : 'other',
  size: found.size,
  mode: found.mode & 0o7777,
  inode: found.ino
})

/**
 * A new name for the draft of each write. Somebody else may be writing the same file, and neither may give the
 * other's half a name.
 */
const draftOf = (path: string): string => `${path}.${randomUUID()}.new`
const isDraftOf = (path: string, name: string): boolean =>
  name.startsWith(`${basename(path)}.`) && /^\.([0-9a-f-]{36}\.)?new$/.test(name.slice(basename(path).length))

const edit = async (path: string, change: (text: string) => string): Promise<void> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(absent(undefined))
  if (file === undefined) return
  let owner: Stats
  let before: string
  try {
    owner = await file.stat()
    before = await file.readFile('latin1')
  } finally {
    await file.close()
  }
  const after = change(before)
  if (after === before) return
  await drafted(path, Buffer.from(after, 'latin1'), owner.mode & 0o7777, { owner })
}

const create = async (path: string, text: string, mode: number): Promise<boolean> => {
  try {
    await drafted(path, text, mode, { place: link })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const makeFolder = async (path: string, mode: number): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  try {
    await mkdir(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  // whatever the umask left of the mode
  await chmod(path, mode)
  await syncFolder(dirname(path))
}

/** Writes the file, and the folder that it lacks, by a draft of a name of its own, which `place` gives its name. */
const drafted = async (
  path: string,
  text: string | Buffer,
  mode: number,
  more: Pick<DurableWrite, 'owner' | 'place'> = {}
): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeDurably(path, text, { mode, draft: draftOf(path), ...more })
}

const remove = async (path: string): Promise<void> => {
  await rm(path, { force: true })
  const names = await readdir(dirname(path)).catch(absent([]))
  for (const name of names.filter((name) => isDraftOf(path, name))) await rm(join(dirname(path), name), { force: true })
}
