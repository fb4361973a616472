import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** SHA-256, in hex. */
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A file by its name, with its SHA-256 in hex. */
export interface Sum {
  name: string
  sha256: string
}

/** The sums of files of a folder, sorted by name. */
export const sumsOf = (folder: string, names: readonly string[]): Sum[] =>
  sorted(names.map((name) => ({ name, sha256: sha256(readFileSync(`${folder}/${name}`)) })))

/** What `sha256sum --check` reads: a line for each file, sorted by name. */
export const sumsText = (sums: readonly Sum[]): string =>
  sorted(sums)
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
    .join('')

/** By their bytes, as `LC_ALL=C sort` does: the locale of a machine changes nothing. */
const sorted = (sums: readonly Sum[]): Sum[] =>
  sums.toSorted((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)))
