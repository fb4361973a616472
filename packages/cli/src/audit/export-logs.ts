import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { syncFolder } from '@joinery/host/sync-folder'
import { shellWord } from '@joinery/host/text/shell-word'
import { writeDurably } from '@joinery/host/write-durably'
import {
  type Checkpoint,
  consistencyProof,
  LogProblem,
  openLog,
  pathsOf,
  type ReadTile,
  readCheckpoint,
  verifyConsistency
} from '@joinery/tlog'
import { exitCodes } from '../terminal/errors.ts'
import { olderCheckpoints, type SourceLog } from './log-source.ts'

/** A log that was copied. */
export interface ExportedLog {
  name: string
  size: number
  /** Number of files that were copied: what was there already stays. */
  files: number
}

/** Most tries of one copy: the log may grow meanwhile. */
const tries = 5

/**
 * Copies a log into a folder of its name. Nothing of an older copy is replaced before the log has proven that it begins with the leaves
 * of that copy: the checkpoint of the copy is all that shows a log that was made anew. The files are there before the new checkpoint,
 * so a copy that was cut is the copy before. A full tile never changes, and is copied once: but one that no checkpoint of the copy holds
 * may be of another log. Throws if the log does not go on from the copy.
 */
export const exportLog = (log: SourceLog, to: string): Promise<ExportedLog> => {
  const folder = join(to, log.name)
  return exportInto(folder, log).catch(collided(folder))
}

const exportInto = async (folder: string, { name, read }: SourceLog): Promise<ExportedLog> => {
  for (let left = tries; left > 0; left -= 1) {
    const note = await read('checkpoint')
    if (note === undefined) throw new CommandEnd(exitCodes.notFound, `the audit log ${name} has no checkpoint`)
    const head = headOf(note)
    const before = await readFile(join(folder, 'checkpoint')).catch(absent)
    const proven = new Map<string, Uint8Array>()
    const proving: ReadTile = async (path) => {
      const bytes = proven.get(path) ?? (await read(path))
      if (bytes !== undefined) proven.set(path, bytes)
      return bytes
    }
    if (before !== undefined && !(await goesOn(proving, head, headOf(before), folder))) continue
    // what was proven is what is copied, whatever the server would say now
    const whole = { name, read: async (path: string) => proven.get(path) ?? read(path) }
    const stays = new Set(before === undefined ? [] : pathsOf(headOf(before).size))
    const files = await copy(whole, folder, { size: head.size, stays })
    if (files === undefined) continue
    // another export into this folder was faster, and its copy may be a longer one
    if (!isSame(await readFile(join(folder, 'checkpoint')).catch(absent), before)) continue
    if (before !== undefined) await keepOlder(folder, Buffer.from(before).toString())
    await writeDurably(join(folder, 'checkpoint'), note)
    await removeOlder(folder, head.size)
    return { name, size: head.size, files }
  }
  throw new CommandEnd(exitCodes.failure, `the audit log ${name} grows faster than it can be copied`, 'try again')
}

/**
 * Proves that a log begins with the leaves of its copy. False if a file is gone, since the log has grown. Throws if it does not begin
 * with them.
 */
const goesOn = async (read: ReadTile, head: Checkpoint, before: Checkpoint, folder: string): Promise<boolean> => {
  if (before.size > head.size) throw cut(folder, before.size, head.size)
  try {
    const log = await openLog(read, head)
    const proof = await consistencyProof(log, before.size)
    if (before.origin !== head.origin || !verifyConsistency({ first: before, second: head, proof })) {
      throw rewritten(folder, before.size)
    }
    // the last leaves of the copy are in a file that a longer one replaces
    if (before.size % bundleWidth > 0) await log.bundle(Math.floor(before.size / bundleWidth))
    return true
  } catch (error) {
    if (!(error instanceof LogProblem)) throw error
    if (/-missing$/.test(error.code)) return false
    throw new CommandEnd(
      exitCodes.conflict,
      `${error.code}: the audit log is not what its checkpoint signs: ${error.message}`,
      `${keep(folder)}: joinery audit verify --checkpoint ${shellWord(join(folder, 'checkpoint'))}`
    )
  }
}

/** Leaves of a full bundle (c2sp.org/tlog-tiles). */
const bundleWidth = 256

/** Adds the checkpoint of the copy before to those that stay beside, as lines that `joinery audit verify --checkpoint` reads. */
const keepOlder = async (folder: string, note: string): Promise<void> => {
  const file = join(folder, olderCheckpoints)
  const lines = ((await readFile(file, 'utf8').catch(absent)) ?? '').split('\n').filter((line) => line !== '')
  const line = `checkpoint ${JSON.stringify(note)}`
  if (lines.at(-1) === line) return
  await writeDurably(file, `${[...lines, line].slice(-olderAtMost).join('\n')}\n`)
}

/** Older checkpoints that stay. Each newer one has proven that it goes on from those before it. */
const olderAtMost = 1_000

interface Copy {
  size: number
  /** Files that the checkpoint of the copy before holds. */
  stays: ReadonlySet<string>
}

/** Copies the files of a log of this size. Undefined if one was gone: the log has grown. */
const copy = async ({ read }: SourceLog, folder: string, { size, stays }: Copy): Promise<number | undefined> => {
  const there = new Set<string>()
  let files = 0
  // a log without leaves has no tile
  await mkdir(folder, { recursive: true })
  for (const path of pathsOf(size)) {
    const file = join(folder, path)
    if (!there.has(dirname(file))) await mkdir(dirname(file), { recursive: true })
    there.add(dirname(file))
    const isPartial = path.includes('.p/')
    if (!isPartial && stays.has(path) && (await isThere(file))) continue
    const bytes = await read(path)
    if (bytes === undefined) return undefined
    await writeDurably(file, bytes, { syncsFolder: false })
    files += 1
  }
  for (const one of there) await syncFolder(one)
  return files
}

/** Removes the partial tiles that the copy had before. */
const removeOlder = async (folder: string, size: number): Promise<void> => {
  for (const path of pathsOf(size)) {
    if (!path.includes('.p/')) {
      await rm(join(folder, `${path}.p`), { recursive: true, force: true })
      continue
    }
    for (const name of await readdir(join(folder, dirname(path)))) {
      if (name !== basename(path)) await rm(join(folder, dirname(path), name))
    }
  }
}

const isThere = (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    () => false
  )

const isSame = (one: Buffer | undefined, other: Buffer | undefined): boolean =>
  one === undefined || other === undefined ? one === other : one.equals(other)

/** The statement of a checkpoint: origin, size and root. */
const headOf = (note: Uint8Array): Checkpoint => {
  const text = Buffer.from(note).toString()
  try {
    return readCheckpoint(text.slice(0, text.lastIndexOf('\n\n') + 1))
  } catch (error) {
    if (!(error instanceof LogProblem)) throw error
    throw new CommandEnd(exitCodes.failure, 'the checkpoint of the audit log cannot be read', 'joinery audit verify')
  }
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}

const cut = (folder: string, before: number, size: number): CommandEnd =>
  new CommandEnd(
    exitCodes.conflict,
    `tail-cut: ${folder} has a copy of ${before} leaves, and the log has ${size}: the log was cut, or its store is an older one`,
    `keep ${folder} as it is, and export into another folder`
  )

const rewritten = (folder: string, before: number): CommandEnd =>
  new CommandEnd(
    exitCodes.conflict,
    `rewritten: ${folder} has a copy of ${before} leaves, and the log does not begin with them: whoever has the key made it anew`,
    `${keep(folder)}: joinery audit verify --checkpoint ${shellWord(join(folder, 'checkpoint'))}`
  )

/** Explains why a file's draft is there, or gone. A crash leaves a draft, but that one is removed first. */
const collided =
  (folder: string) =>
  (error: NodeJS.ErrnoException): never => {
    if (!/^(?:EEXIST|ENOENT)$/.test(error.code ?? '') || !error.path?.startsWith(folder)) throw error
    const what = `another export writes into ${folder}`
    throw new CommandEnd(exitCodes.conflict, what, 'wait until it is done, and export again', { cause: error })
  }

const keep = (folder: string): string =>
  `keep ${folder} as it is, export into another folder, and see what its checkpoint shows`
