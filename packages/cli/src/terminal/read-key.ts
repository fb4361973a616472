import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from './errors.ts'

/**
 * A file from a control plane's folder of keys. Undefined if it does not exist. Throws, with the remedy, if only root
 * may read it.
 */
export const readKey = async (
  folder: string,
  file: string,
  remedy = 'run it as root (sudo)'
): Promise<string | undefined> => {
  const path = join(folder, file)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES' || code === 'EPERM') {
      throw new CommandEnd(exitCodes.denied, `not allowed to read ${path}`, remedy)
    }
    throw error
  }
}
