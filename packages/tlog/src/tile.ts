import { type Hash, hashSize } from './hash.ts'
import { problem } from './problem.ts'

/** Hashes in a full tile, and leaves in a full bundle. */
export const tileWidth = 256

/** Bytes of a leaf at most: its length has 16 bits in a bundle. */
export const leafSizeAtMost = 65_535

/** Bytes of a tile or bundle at most. A reader of files need not read more. */
export const tileSizeAtMost = tileWidth * (2 + leafSizeAtMost)

/** Level of a tile from the leaves up, or `entries` for a bundle of leaves. */
export type Level = number | 'entries'

/** Refuses what is no size of a log, and no number of a leaf or tile. */
export const requireCount = (count: number): void => {
  if (!Number.isSafeInteger(count) || count < 0) throw problem('out-of-range', `${count} is no size of a log`)
}

/** Path of a tile (c2sp.org/tlog-tiles). If `width` is not given, it is a full one. */
export const tilePath = (level: Level, index: number, width: number = tileWidth): string =>
  `${fullPath(level, index)}${width === tileWidth ? '' : `.p/${width}`}`

/** Folder of all partial tiles that a full tile replaces. */
export const partialFolder = (level: Level, index: number): string => `${fullPath(level, index)}.p`

// no folder has more than 1,000 tiles: three digits a part, and an x before each part but the last
const fullPath = (level: Level, index: number): string => {
  requireCount(index)
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  return `tile/${level}/${padded.replace(/\d{3}(?=\d)/g, 'x$&/')}`
}

/** Number of hashes, or leaves, of a tile in a tree of this size. 0 if the tree has no such tile. */
export const widthOf = (size: number, level: Level, index: number): number =>
  Math.min(tileWidth, Math.max(0, countAt(size, level) - index * tileWidth))

/** Number of hashes of a level of tiles in a tree of this size. */
export const countAt = (size: number, level: Level): number =>
  level === 'entries' ? size : Math.floor(size / tileWidth ** level)

/** Number of the tile at the right edge of a level. It is partial, or has nothing yet. */
export const edgeIndex = (size: number, level: Level): number => Math.floor(countAt(size, level) / tileWidth)

/** Number of levels of tiles of a tree of this size. */
export const levelsOf = (size: number): number => {
  let levels = 0
  while (countAt(size, levels) > 0) levels += 1
  return levels
}

/** Paths of everything that a log of this size consists of, but for its checkpoint: bundles first, then tiles from the leaves up. */
export function* pathsOf(size: number): Generator<string> {
  requireCount(size)
  const levels: Level[] = ['entries', ...Array(levelsOf(size)).keys()]
  for (const level of levels) {
    for (let index = 0; widthOf(size, level, index) > 0; index += 1) {
      yield tilePath(level, index, widthOf(size, level, index))
    }
  }
}

/** Hashes of a tile. Undefined if it does not have exactly `width` of them. */
export const hashesOfTile = (bytes: Uint8Array, width: number): Hash[] | undefined => {
  if (bytes.length !== width * hashSize) return undefined
  return Array.from({ length: width }, (_, at) => bytes.subarray(at * hashSize, (at + 1) * hashSize))
}

/** Bytes of a tile. */
export const tileOfHashes = (hashes: readonly Hash[]): Uint8Array => Buffer.concat(hashes)

/** Leaves of a bundle, however many they are. Undefined if the bytes end within a leaf, or there are more than a bundle has. */
export const leavesOfBundle = (bytes: Uint8Array): Uint8Array[] | undefined => {
  const leaves: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const [high, low] = [bytes[at], bytes[at + 1]]
    if (high === undefined || low === undefined || leaves.length === tileWidth) return undefined
    const [start, end] = [at + 2, at + 2 + high * 256 + low]
    if (end > bytes.length) return undefined
    leaves.push(bytes.subarray(start, end))
    at = end
  }
  return leaves
}

/** Bytes of a bundle: each leaf after its length in 16 bits. Refuses a leaf that is too large. */
export const bundleOfLeaves = (leaves: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(leaves.flatMap((leaf) => [lengthOf(leaf), leaf]))

const lengthOf = ({ length }: Uint8Array): Uint8Array => {
  if (length > leafSizeAtMost) {
    throw problem('leaf-too-large', `a leaf has ${length} bytes, and may have ${leafSizeAtMost}`)
  }
  return Uint8Array.of(length >> 8, length & 0xff)
}
