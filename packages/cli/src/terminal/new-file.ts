import { access, link, mkdtemp, open, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { syncFolder } from '@joinery/host/sync-folder'
import { exitCodes } from './errors.ts'

/** Throws if the file already exists: it is never overwritten. */
export const mustBeNew = async (path: string): Promise<void> => {
  const isThere = await access(path).then(
    () => true,
    () => false
  )
  if (isThere) throw existsAlready(path)
}

/**
 * Makes a file that only its owner can read. The file is whole and on disk, or not there, and never replaces another
 * one. `fill` makes it at the given path, in a folder beside the file that is closed to others.
 */
export const makeNewFile = async (path: string, fill: (draft: string) => Promise<void>): Promise<void> => {
  try {
    const folder = await mkdtemp(join(dirname(path), '.joinery-'))
    try {
      const draft = join(folder, basename(path))
      await fill(draft)
      await closeAndSync(draft)
      await link(draft, path)
      await syncFolder(dirname(path))
    } finally {
      await rm(folder, { recursive: true })
    }
  } catch (error) {
    if (error instanceof CommandEnd) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw code === 'EEXIST'
      ? existsAlready(path)
      : new CommandEnd(exitCodes.failure, `cannot write ${path}: ${message}`)
  }
}

const existsAlready = (path: string): CommandEnd =>
  new CommandEnd(exitCodes.conflict, `${path} exists already`, 'remove it, or give another name')

const closeAndSync = async (path: string): Promise<void> => {
  const file = await open(path, 'r+')
  try {
    await file.chmod(0o600)
    await file.sync()
  } finally {
    await file.close()
  }
}
