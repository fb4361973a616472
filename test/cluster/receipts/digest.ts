import { createHash } from 'node:crypto'

/** digestOf gives the SHA-256 of these words, in hexadecimal digits: other words have another one. */
export const digestOf = (words: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(words)).digest('hex')
