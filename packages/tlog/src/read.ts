import { type Tree, treeOf } from './append.ts'
import type { Head } from './checkpoint.ts'
import { type Edge, rootOfEdge } from './edge.ts'
import { type Hash, isSameHash, nodeHash, rootOfHashes, splitOf } from './hash.ts'
import { judgeLeaves } from './judge-leaves.ts'
import { type Finding, LogProblem, problem } from './problem.ts'
import {
  bundleOfLeaves,
  edgeIndex,
  hashesOfTile,
  type Level,
  leavesOfBundle,
  levelsOf,
  requireCount,
  tilePath,
  tileWidth,
  widthOf
} from './tile.ts'

/** Reads a file of a log by its path, such as `tile/0/000`. Undefined if there is none. */
export type ReadTile = (path: string) => Promise<Uint8Array | undefined>

export interface Entry {
  /** Number of the leaf, from 0. */
  index: number
  leaf: Uint8Array
}

/** A log whose every tile and leaf is compared with the root of its checkpoint before anything of it is given out. */
export interface Log extends Head {
  /** Root over the leaves from `low` up to, and without, `high`. The range must be one that the tree splits into. */
  rootOf(low: number, high: number): Promise<Hash>
  /** Leaves of a bundle, by the number of the bundle. */
  bundle(index: number): Promise<readonly Uint8Array[]>
  /** Leaves from `from` up to, and without, `to`, a bundle at a time. */
  entries(from?: number, to?: number): AsyncGenerator<Entry>
}

/** Tiles that a log keeps in memory: those of one path through the tree, many times over. */
const tilesKept = 64

/**
 * Opens a log as its checkpoint says it is. Throws `tile-missing`, `tile-malformed`, or `root-differs` if the right edge of the
 * tree does not give the root. What is read of it later throws the problem of the first tile or leaf that does not fit.
 */
export const openLog = async (read: ReadTile, head: Head): Promise<Log> =>
  logWith(read, head, await openEdge(read, head))

/** The state to append to a log from, read from its files and compared with its checkpoint. */
export const readTree = async (read: ReadTile, head: Head): Promise<Tree> => {
  const edge = await openEdge(read, head)
  const bundles = head.size / tileWidth
  const last = Number.isInteger(bundles) ? [] : await logWith(read, head, edge).bundle(Math.floor(bundles))
  return treeOf(head.size, edge, bundleOfLeaves(last))
}

/** The right edge of a tree, which gives the root of its checkpoint. */
const openEdge = async (read: ReadTile, { size, root }: Head): Promise<Edge> => {
  requireCount(size)
  const edge: Hash[][] = []
  for (let level = 0; level < levelsOf(size); level += 1) {
    const index = edgeIndex(size, level)
    edge.push(widthOf(size, level, index) === 0 ? [] : await readHashes(read, size, level, index))
  }
  if (!isSameHash(rootOfEdge(edge), root)) throw rootDiffers(size)
  return edge
}

export const rootDiffers = (size: number): LogProblem =>
  problem('root-differs', `the tree of the ${size} leaves does not have the root that the checkpoint signs`)

/** A log with an edge that gives its root. */
export const logWith = (read: ReadTile, head: Head, edge: Edge): Log => new TiledLog(read, head, edge)

class TiledLog implements Log {
  readonly size: number
  readonly root: Hash
  readonly #read: ReadTile
  readonly #edge: Edge
  /** Full tiles by their paths, the one that was asked for last at the end. */
  readonly #kept = new Map<string, readonly Hash[]>()

  constructor(read: ReadTile, { size, root }: Head, edge: Edge) {
    this.size = size
    this.root = root
    this.#read = read
    this.#edge = edge
  }

  async rootOf(low: number, high: number): Promise<Hash> {
    const count = high - low
    if (!(low >= 0 && count > 0 && high <= this.size)) throw this.#outOfRange()
    const height = Math.round(Math.log2(count))
    if (2 ** height === count) return this.#node(height, low)
    const middle = low + splitOf(count)
    return nodeHash(await this.rootOf(low, middle), await this.rootOf(middle, high))
  }

  async bundle(index: number): Promise<readonly Uint8Array[]> {
    if (widthOf(this.size, 'entries', index) === 0) throw this.#outOfRange()
    const hashes = await this.#tile(0, index)
    const leaves = await readLeaves(this.#read, this.size, index)
    const finding = judgeLeaves(leaves, hashes, index)
    if (finding !== undefined) throw new LogProblem(finding)
    return leaves
  }

  async *entries(from = 0, to = this.size): AsyncGenerator<Entry> {
    const end = Math.min(to, this.size)
    for (let bundle = Math.floor(from / tileWidth); bundle * tileWidth < end; bundle += 1) {
      for (const [at, leaf] of (await this.bundle(bundle)).entries()) {
        const index = bundle * tileWidth + at
        if (index >= from && index < end) yield { index, leaf }
      }
    }
  }

  #outOfRange(): LogProblem {
    return problem('out-of-range', `the log has ${this.size} leaves, and no such part`)
  }

  /** Root of a full subtree: `2 ** height` leaves from a multiple of that number on. */
  async #node(height: number, low: number): Promise<Hash> {
    if (low % 2 ** height !== 0) throw this.#outOfRange()
    const [level, within] = [Math.floor(height / 8), height % 8]
    const first = low / tileWidth ** level
    const hashes = await this.#tile(level, Math.floor(first / tileWidth))
    const start = first % tileWidth
    return rootOfHashes(hashes.slice(start, start + 2 ** within))
  }

  /** Hashes of a tile. They give the hash that the tile above has in its place, and the uppermost ones give the root. */
  async #tile(level: number, index: number): Promise<readonly Hash[]> {
    if (widthOf(this.size, level, index) < tileWidth) return this.#edge[level] ?? []
    const path = tilePath(level, index)
    const hashes = this.#kept.get(path) ?? (await this.#readTile(level, index))
    this.#kept.delete(path)
    this.#kept.set(path, hashes)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > tilesKept && oldest !== undefined) this.#kept.delete(oldest)
    return hashes
  }

  async #readTile(level: number, index: number): Promise<readonly Hash[]> {
    const above = await this.#tile(level + 1, Math.floor(index / tileWidth))
    const hashes = await readHashes(this.#read, this.size, level, index)
    const expected = above[index % tileWidth]
    if (expected === undefined || !isSameHash(rootOfHashes(hashes), expected)) {
      throw new LogProblem(aboutTile('tile-changed', this.size, level, index))
    }
    return hashes
  }
}

/** Hashes of a tile as its file has them. */
export const readHashes = async (read: ReadTile, size: number, level: number, index: number): Promise<Hash[]> => {
  const width = widthOf(size, level, index)
  const { bytes, full } = await readFile(read, size, level, index)
  const hashes = hashesOfTile(bytes, full ? tileWidth : width)
  if (hashes === undefined) throw new LogProblem(aboutTile('tile-malformed', size, level, index))
  return hashes.slice(0, width)
}

/** Leaves of a bundle as its file has them: maybe fewer, or more, than the log has there. */
export const readLeaves = async (read: ReadTile, size: number, index: number): Promise<Uint8Array[]> => {
  const { bytes, full } = await readFile(read, size, 'entries', index)
  const leaves = leavesOfBundle(bytes)
  if (leaves === undefined) throw new LogProblem(aboutTile('entries-malformed', size, 'entries', index))
  return full ? leaves.slice(0, widthOf(size, 'entries', index)) : leaves
}

/** A partial file may be gone if the full one is there, which begins with it: then `full` is true. */
const readFile = async (
  read: ReadTile,
  size: number,
  level: Level,
  index: number
): Promise<{ bytes: Uint8Array; full: boolean }> => {
  const width = widthOf(size, level, index)
  const bytes = await read(tilePath(level, index, width))
  if (bytes !== undefined) return { bytes, full: false }
  const whole = width < tileWidth ? await read(tilePath(level, index)) : undefined
  if (whole !== undefined) return { bytes: whole, full: true }
  throw new LogProblem(aboutTile(level === 'entries' ? 'entries-missing' : 'tile-missing', size, level, index))
}

/** Finding about a tile or bundle, with the leaves that it is about. */
export const aboutTile = (code: keyof typeof said, size: number, level: Level, index: number): Finding => {
  const width = widthOf(size, level, index)
  const each = level === 'entries' ? 1 : tileWidth ** level
  const first = index * tileWidth * each
  const last = first + width * each - 1
  const path = tilePath(level, index, width)
  return { code, detail: `${path} ${said[code]}: leaves ${first} to ${last}`, leaves: { first, last }, path }
}

const said = {
  'tile-missing': 'is gone',
  'tile-malformed': 'does not have the length that it must have',
  'tile-changed': 'is not what it was',
  'entries-missing': 'is gone',
  'entries-malformed': 'cannot be read'
} as const
