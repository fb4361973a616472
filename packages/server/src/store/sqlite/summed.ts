import { crc32 } from 'node:zlib'
import { Damage } from './sqlite-problem.ts'

/**
 * The JSON text of a document with a checksum as its last member, over the rest and the revision of its row: a bit that a disk
 * has flipped must not become another state. It is against accidents, not against who can write the file. `revision`: that the
 * row has with it; entries have none.
 */
export const summed = (document: object, revision = 0): string => withSum(JSON.stringify(document), revision)

/** The same of JSON text; this is how migration 4 made it, and so it stays. */
export const withSum = (text: string, revision: number): string => {
  const body = text.slice(0, -1)
  return `${body}${tailOf(body, revision)}`
}

/** Throws `Damage` where the text is not what `summed` gave, or the row has another revision. */
export const parseSummed = <T>(text: string, revision = 0): T => {
  if (!isSummed(text, revision)) throw new Damage('the checksum of a document is another one')
  return JSON.parse(`${bodyOf(text)}}`) as T
}

export const isSummed = (text: string, revision = 0): boolean => text.endsWith(tailOf(bodyOf(text), revision))

const before = ',"crc32":"'
const after = '"}'
const length = before.length + 8 + after.length

const bodyOf = (text: string): string => text.slice(0, -length)
const tailOf = (body: string, revision: number): string => `${before}${sumOf(body, revision)}${after}`
const sumOf = (body: string, revision: number): string =>
  crc32(body, crc32(String(revision)))
    .toString(16)
    .padStart(8, '0')
