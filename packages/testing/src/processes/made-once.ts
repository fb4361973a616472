import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Makes a folder once, however many processes ask for it at a time: the first one makes it, the others wait. `make` gets the path
 * of a folder aside, which takes the name when it is whole. What was made beside it more than a day ago goes.
 */
export const madeOnce = (folder: string, make: (aside: string) => void): void => {
  if (existsSync(folder)) return
  const home = dirname(folder)
  mkdirSync(home, { recursive: true })
  // SQLite has locks that the system takes back from a process that dies; Node has none
  using lock = new DatabaseSync(join(home, 'lock'), { timeout: patience })
  lock.exec('BEGIN EXCLUSIVE')
  if (existsSync(folder)) return
  for (const name of readdirSync(home)) if (name !== 'lock') removeIfOld(join(home, name))
  const aside = `${folder}.${process.pid}`
  rmSync(aside, { recursive: true, force: true })
  make(aside)
  renameSync(aside, folder)
}

/** Longest wait for another process, in milliseconds. */
const patience = 180_000

const removeIfOld = (path: string): void => {
  const day = 86_400_000
  if (statSync(path).mtimeMs < Date.now() - day) rmSync(path, { recursive: true, force: true })
}
