import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { syncFolder } from '@joinery/host/sync-folder'
import { writeDurably } from '@joinery/host/write-durably'
import { LogProblem, pathsOf, readCheckpoint } from '@joinery/tlog'
import { exitCodes } from '../terminal/errors.ts'
import type { SourceLog } from './log-source.ts'

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
 * Copies a log into a folder of its name. Its files are there before its checkpoint, so a copy that was cut is the copy before. A full
 * tile never changes, and is copied once. Throws if the copy that is there has more leaves: a log that was cut must not replace it.
 */
export const exportLog = async ({ name, read }: SourceLog, to: string): Promise<ExportedLog> => {
  const folder = join(to, name)
  for (let left = tries; left > 0; left -= 1) {
    const note = await read('checkpoint')
    if (note === undefined) throw new CommandEnd(exitCodes.notFound, `the audit log ${name} has no checkpoint`)
    const size = sizeOf(note)
    const before = await readFile(join(folder, 'checkpoint')).catch(() => undefined)
    if (before !== undefined && sizeOf(before) > size) throw cut(folder, sizeOf(before), size)
    const files = await copy({ name, read }, folder, size)
    if (files === undefined) continue
    await writeDurably(join(folder, 'checkpoint'), note)
    await removeOlder(folder, size)
    return { name, size, files }
  }
  throw new CommandEnd(exitCodes.failure, `the audit log ${name} grows faster than it can be copied`, 'try again')
}

/** Copies the files of a log of this size. Undefined if one was gone: the log has grown. */
const copy = async ({ read }: SourceLog, folder: string, size: number): Promise<number | undefined> => {
  const there = new Set<string>()
  let files = 0
  for (const path of pathsOf(size)) {
    const file = join(folder, path)
    if (!there.has(dirname(file))) await mkdir(dirname(file), { recursive: true })
    there.add(dirname(file))
    const isPartial = path.includes('.p/')
    if (!isPartial && (await isThere(file))) continue
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

/** Number of leaves that a checkpoint states. */
const sizeOf = (note: Uint8Array): number => {
  const text = Buffer.from(note).toString()
  try {
    return readCheckpoint(text.slice(0, text.lastIndexOf('\n\n') + 1)).size
  } catch (error) {
    if (!(error instanceof LogProblem)) throw error
    throw new CommandEnd(exitCodes.failure, 'the checkpoint of the audit log cannot be read', 'joinery audit verify')
  }
}

const cut = (folder: string, before: number, size: number): CommandEnd =>
  new CommandEnd(
    exitCodes.conflict,
    `${folder} has a copy of ${before} leaves, and the log has ${size}: the log was cut, or its store is an older one`,
    'keep that copy, and export into another folder'
  )
