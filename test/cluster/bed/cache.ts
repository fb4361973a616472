import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const entry = /^(?<name>.+)-[0-9a-f]{16}(\.part-(?<builder>\d+))?$/

/**
 * Gives the folder `<cache>/<name>-<key>`, where key is a hash over all inputs, and makes it when it is not there.
 * It is made aside and renamed when whole: a folder of that name is complete, whatever was interrupted. Folders of this name that a newer
 * key replaces are removed, and those of builds that were killed.
 */
export async function made(
  cache: string,
  name: string,
  inputs: readonly (string | URL)[],
  make: (folder: string) => Promise<void>
): Promise<string> {
  const folder = join(cache, `${name}-${await keyOf(inputs)}`)
  if (existsSync(folder)) return folder
  const aside = `${folder}.part-${process.pid}`
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { recursive: true, mode: 0o700 })
  try {
    await make(aside)
    await rename(aside, folder).catch((error: unknown) => {
      // a twin was faster, and what it made is as good
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  await prune(cache, name, folder)
  return folder
}

/** Removes what nobody asks for any more. A bed of the same tree needs none of it, and what another one is making stays. */
async function prune(cache: string, name: string, kept: string): Promise<void> {
  for (const found of await readdir(cache)) {
    const parts = partsOf(found)
    if (parts?.name !== name || join(cache, found) === kept || existsSync(`/proc/${parts.builder}`)) continue
    await rm(join(cache, found), { recursive: true, force: true })
  }
}

/** A URL stands for the content of that file, a string for itself. */
async function keyOf(inputs: readonly (string | URL)[]): Promise<string> {
  const hash = createHash('sha256')
  for (const input of inputs) {
    const bytes = typeof input === 'string' ? Buffer.from(input) : await readFile(fileURLToPath(input))
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return hash.digest('hex').slice(0, 16)
}

function partsOf(folder: string): Record<string, string | undefined> | undefined {
  return entry.exec(basename(folder))?.groups
}
