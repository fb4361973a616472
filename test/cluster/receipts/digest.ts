import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** digestOf gives the SHA-256 of these words, in hexadecimal digits: other words have another one. */
export const digestOf = (words: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(words)).digest('hex')

/** digestOfFile gives the SHA-256 of a file, in hexadecimal digits. A package has one of 100 MB. */
export const digestOfFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
