import { base64Of } from './base64.ts'
import { type Edge, rootOfEdge } from './edge.ts'
import { type Hash, isSameHash, leafHash, rootOfHashes } from './hash.ts'
import { problem } from './problem.ts'
import {
  bundleOfLeaves,
  countAt,
  edgeIndex,
  hashesOfTile,
  leavesOfBundle,
  levelsOf,
  partialFolder,
  requireCount,
  tileOfHashes,
  tilePath,
  tileWidth,
  widthOf
} from './tile.ts'

/** State that an append goes on from: the size of a log, and its right edge. It is JSON, and small. */
export interface Tree {
  /** Number of leaves of the log. */
  size: number
  edge: {
    /** Partial tile of each level in base64, from the leaves up. Empty text if the last tile of a level is full. */
    tiles: readonly string[]
    /** Partial bundle of leaves in base64. Empty text if the last bundle is full. */
    entries: string
  }
}

/** A file of a log. It replaces a file of the same path, which then has the same bytes. */
export interface Write {
  /** Below the folder of the log. */
  path: string
  bytes: Uint8Array
}

export interface Appended {
  tree: Tree
  /** Full tiles and bundles, and the partial ones at the new right edge. Write them before a checkpoint of the new size. */
  writes: readonly Write[]
  /** Folders whose partial tiles a full tile replaces. They may be removed once a checkpoint of the new size is there. */
  stale: readonly string[]
}

export const emptyTree: Tree = { size: 0, edge: { tiles: [], entries: '' } }

/** Appends leaves. Pure: the same leaves give the same files, whatever the batches were. */
export const appendLeaves = (tree: Tree, leaves: readonly Uint8Array[]): Appended => {
  requireCount(tree.size + leaves.length)
  const levels = edgeOf(tree).map((hashes) => [...hashes])
  let entries = entriesOf(tree)
  let size = tree.size
  const writes: Write[] = []
  const stale: string[] = []
  const grown = new Set<number>()

  const grow = (level: number, hash: Hash): void => {
    const hashes = levels[level] ?? []
    levels[level] = hashes
    grown.add(level)
    if (hashes.push(hash) < tileWidth) return
    const index = countAt(size, level) / tileWidth - 1
    writes.push({ path: tilePath(level, index), bytes: tileOfHashes(hashes) })
    stale.push(partialFolder(level, index))
    levels[level] = []
    grow(level + 1, rootOfHashes(hashes))
  }

  for (const leaf of leaves) {
    entries.push(leaf)
    size += 1
    if (entries.length === tileWidth) {
      const index = size / tileWidth - 1
      writes.push({ path: tilePath('entries', index), bytes: bundleOfLeaves(entries) })
      stale.push(partialFolder('entries', index))
      entries = []
    }
    grow(0, leafHash(leaf))
  }

  const bundle = bundleOfLeaves(entries)
  if (leaves.length > 0 && entries.length > 0) {
    writes.push({ path: partialPath(size, 'entries'), bytes: bundle })
  }
  for (const level of grown) {
    const hashes = levels[level] ?? []
    if (hashes.length > 0) writes.push({ path: partialPath(size, level), bytes: tileOfHashes(hashes) })
  }
  return { tree: treeOf(size, levels, bundle), writes, stale }
}

/** The root of a tree, which a checkpoint of its size has. */
export const rootOfTree = (tree: Tree): Hash => rootOfEdge(edgeOf(tree))

export const treeOf = (size: number, edge: Edge, bundle: Uint8Array): Tree => ({
  size,
  edge: { tiles: edge.map((hashes) => base64Of(tileOfHashes(hashes))), entries: base64Of(bundle) }
})

const partialPath = (size: number, level: number | 'entries'): string => {
  const index = edgeIndex(size, level)
  return tilePath(level, index, widthOf(size, level, index))
}

const edgeOf = ({ size, edge }: Tree): Edge => {
  if (edge.tiles.length !== levelsOf(size)) throw damaged(size)
  return edge.tiles.map((text, level) => {
    const hashes = hashesOfTile(Buffer.from(text, 'base64'), countAt(size, level) % tileWidth)
    if (hashes === undefined) throw damaged(size)
    return hashes
  })
}

/** Leaves of the partial bundle, which must be those that the tree was made of. */
const entriesOf = (tree: Tree): Uint8Array[] => {
  const entries = leavesOfBundle(Buffer.from(tree.edge.entries, 'base64')) ?? []
  const hashes = edgeOf(tree)[0] ?? []
  const fits = entries.length === hashes.length && hashes.every((hash, at) => isLeaf(entries[at], hash))
  if (!fits) throw damaged(tree.size)
  return entries
}

const isLeaf = (leaf: Uint8Array | undefined, hash: Hash): boolean =>
  leaf !== undefined && isSameHash(leafHash(leaf), hash)

const damaged = (size: number) => problem('tree-damaged', `the state of the log with ${size} leaves is not whole`)
