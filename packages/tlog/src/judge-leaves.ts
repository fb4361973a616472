import { type Hash, isSameHash, leafHash } from './hash.ts'
import type { Finding } from './problem.ts'
import { tilePath, tileWidth } from './tile.ts'

/** Says what is wrong with the leaves of a bundle, by the hashes that they must have. Undefined if nothing is. */
export const judgeLeaves = (
  leaves: readonly Uint8Array[],
  expected: readonly Hash[],
  bundle: number
): Finding | undefined => {
  const found = leaves.map(leafHash)
  const at = expected.findIndex((hash, index) => !isAt(found, index, hash))
  const [first, count] = [bundle * tileWidth, expected.length]
  const path = tilePath('entries', bundle, count)
  const about = (code: Finding['code'], index: number, detail: string): Finding => ({
    code,
    detail,
    leaves: { first: first + index, last: first + index },
    path
  })
  if (at < 0) {
    if (found.length === count) return
    return about('leaf-added', count, `after leaf ${first + count - 1} stands one that is not in the log`)
  }
  const leaf = first + at
  if (found.length < count && isShifted(expected, found, at)) {
    return about('leaf-removed', at, `leaf ${leaf} was taken out`)
  }
  if (found.length > count && isShifted(found, expected, at)) {
    return about('leaf-added', at, `before leaf ${leaf} stands one that is not in the log`)
  }
  const home = expected.findIndex((hash) => isAt(found, at, hash))
  if (home >= 0) return about('leaf-moved', at, `in the place of leaf ${leaf} stands leaf ${first + home}`)
  if (at >= found.length) return about('leaf-removed', at, `leaf ${leaf} is gone`)
  return about('leaf-changed', at, `leaf ${leaf} is not what it was`)
}

const isAt = (hashes: readonly Hash[], index: number, hash: Hash): boolean => {
  const other = hashes[index]
  return other !== undefined && isSameHash(other, hash)
}

/** True if `shorter` is what is left of `longer` without its element at this place. */
const isShifted = (longer: readonly Hash[], shorter: readonly Hash[], at: number): boolean =>
  shorter.length === longer.length - 1 && longer.slice(at + 1).every((hash, index) => isAt(shorter, at + index, hash))
