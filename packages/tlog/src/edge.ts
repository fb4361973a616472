import { emptyRoot, type Hash, rootOfHashes } from './hash.ts'

/** Hashes of the partial tile of each level, from the leaves up. A level whose last tile is full has none. */
export type Edge = readonly (readonly Hash[])[]

/**
 * The root of a tree by its right edge alone. What a level lacks of a full tile is the last element of the level above: a tree
 * splits at powers of two, so never within a full tile.
 */
export const rootOfEdge = (edge: Edge): Hash => {
  let below: readonly Hash[] = []
  for (const hashes of edge) {
    const all = [...hashes, ...below]
    below = all.length === 0 ? [] : [rootOfHashes(all)]
  }
  return below[0] ?? emptyRoot
}
