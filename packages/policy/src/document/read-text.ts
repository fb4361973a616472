import { open } from 'node:fs/promises'

/** Reads a text file of at most so many bytes. Throws an error with a sentence. */
export type ReadText = (path: string, most: number) => Promise<string>

/** There is no file of this name. */
export class NoFile extends Error {}

/** Reads the file if it is not too large. */
export const readText: ReadText = (path, most) => readChecked(path, most, () => undefined)

/** The same, only if nobody but the owner may write the file: whoever can decides which machines join. */
export const readOwnersText: ReadText = (path, most) =>
  readChecked(path, most, (mode) =>
    (mode & 0o022) === 0 ? undefined : `others than its owner may write it: chmod go-w ${path}`
  )

const readChecked = async (
  path: string,
  most: number,
  fault: (mode: number) => string | undefined
): Promise<string> => {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new NoFile('there is no such file') : new Error(`it cannot be read: ${error.code}`)
  })
  try {
    const seen = await file.stat()
    if (!seen.isFile()) throw new Error('it is no file')
    const found = fault(seen.mode) ?? (seen.size > most ? `it has more than ${most} bytes` : undefined)
    if (found !== undefined) throw new Error(found)
    const buffer = Buffer.alloc(most + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (bytesRead === 0 || length > most) break
    }
    if (length > most) throw new Error(`it has more than ${most} bytes`)
    return buffer.toString('utf8', 0, length)
  } finally {
    await file.close()
  }
}
