import { constants, type FileHandle, open } from 'node:fs/promises'
import { StartRefusal } from '../base/start-refusal.ts'

/**
 * Does `work` with a file of another user's folder, if it is there. That user may have put there what it likes: root follows no link out
 * of the folder, and waits for no pipe. Throws `StartRefusal`.
 */
export const withPlainFile = async <T>(
  file: string,
  work: (handle: FileHandle) => Promise<T>
): Promise<T | undefined> => {
  const handle = await openPlain(file)
  try {
    if (handle === undefined) return undefined
    if (!(await handle.stat()).isFile()) throw new StartRefusal(`${file} is no file`, 'move it away')
    return await work(handle)
  } finally {
    await handle?.close()
  }
}

const openPlain = async (file: string): Promise<FileHandle | undefined> => {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw new StartRefusal(`${file} is a link`, 'put the file itself there')
    throw new StartRefusal(`${file} cannot be read (${code})`, 'run this command as root')
  }
}

/** Reads a text of another user's folder, as `withPlainFile` opens it. Undefined if there is none. Throws `StartRefusal`. */
export const readPlainFile = (file: string): Promise<string | undefined> =>
  withPlainFile(file, (handle) => handle.readFile('utf8'))
