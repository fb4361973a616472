import { crc32 } from 'node:zlib'
import { Damage } from './sqlite-problem.ts'

/**
 * The JSON text of a document with a checksum as its last member, over the rest and the revision of its row. A bit that
 * a disk has flipped must not become another state. The checksum is against accidents, not against people who can write
 * the file. `revision` is the one in the document's row; entries have none.
 */
export const summed = (document: object, revision = 0): string => withSum(JSON.stringify(document), revision)

/** Adds the checksum to JSON text. Migration 4 made checksums this way, so this must not change. */
export const withSum = (text: string, revision: number): string => {
  const body = text.slice(0, -1)
  return `${body}${tailOf(body, revision)}`
}

/**
 * Parses what `summed` returned. Throws `Damage` if the text is not what `summed` returned, or the row has another
 * revision.
 */
export const parseSummed = <T>(text: string, revision = 0): T => {
  if (!isSummed(text, revision)) throw new Damage('the checksum of a document does not match')
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
