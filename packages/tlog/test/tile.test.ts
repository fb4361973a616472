import t from 'tap'
import {
  bundleOfLeaves,
  hashesOfTile,
  type Level,
  leafSizeAtMost,
  leavesOfBundle,
  levelsOf,
  partialFolder,
  pathsOf,
  tilePath,
  tileSizeAtMost,
  tileWidth,
  widthOf
} from '../src/tile.ts'
import { codeOf, leavesUpTo } from './made-log.ts'

const paths: [Level, index: number, width: number, path: string][] = [
  [0, 0, 256, 'tile/0/000'],
  [0, 0, 1, 'tile/0/000.p/1'],
  [5, 7, 255, 'tile/5/007.p/255'],
  ['entries', 999, 256, 'tile/entries/999'],
  ['entries', 1000, 256, 'tile/entries/x001/000'],
  [1, 1_234_067, 256, 'tile/1/x001/x234/067'],
  [0, 1_234_067, 8, 'tile/0/x001/x234/067.p/8'],
  [0, 999_999, 256, 'tile/0/x999/999'],
  [0, 1_000_000, 256, 'tile/0/x001/x000/000'],
  [63, Number.MAX_SAFE_INTEGER, 256, 'tile/63/x009/x007/x199/x254/x740/991']
]

t.test('a path has the groups of the specification', async (t) => {
  for (const [level, index, width, path] of paths) t.equal(tilePath(level, index, width), path)
  t.equal(partialFolder(0, 1_234_067), 'tile/0/x001/x234/067.p')
})

t.test('what is no number of a tile has no path', async (t) => {
  for (const index of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    t.equal(await codeOf(() => tilePath(0, index)), 'out-of-range', String(index))
    t.equal(await codeOf(() => [...pathsOf(index)]), 'out-of-range', String(index))
  }
})

t.test('a log consists of the tiles of the specification', async (t) => {
  t.same([...pathsOf(0)], [])
  t.same([...pathsOf(256)], ['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1'])
  const all = [...pathsOf(70_000)].filter((path) => !path.includes('entries'))
  t.equal(all.filter((path) => /^tile\/0\/\d{3}$/.test(path)).length, 273)
  t.same(all.slice(273), ['tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1'])
})

t.test('a level has no more hashes than full tiles lie below it', async (t) => {
  t.equal(widthOf(255, 1, 0), 0)
  t.equal(widthOf(256, 1, 0), 1)
  t.equal(widthOf(256, 0, 0), tileWidth)
  t.equal(widthOf(256, 0, 1), 0)
  t.equal(widthOf(257, 'entries', 1), 1)
  t.equal(levelsOf(0), 0)
  t.equal(levelsOf(65_535), 2)
  t.equal(levelsOf(65_536), 3)
  t.equal(levelsOf(Number.MAX_SAFE_INTEGER), 7)
})

t.test('a tile has exactly the hashes of its width', async (t) => {
  t.equal(hashesOfTile(Buffer.alloc(64), 2)?.length, 2)
  t.same(hashesOfTile(Buffer.alloc(0), 0), [])
  for (const length of [0, 32, 63, 65, 96]) t.equal(hashesOfTile(Buffer.alloc(length), 2), undefined, `${length} bytes`)
})

t.test('a bundle gives the leaves that it was made of', async (t) => {
  const leaves = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(256, 1), Buffer.alloc(leafSizeAtMost, 2)]
  t.same(leavesOfBundle(bundleOfLeaves(leaves)), leaves)
  t.same(leavesOfBundle(Buffer.alloc(0)), [])
  const largest = bundleOfLeaves(Array(tileWidth).fill(Buffer.alloc(leafSizeAtMost)))
  t.equal(largest.length, tileSizeAtMost)
  t.equal(leavesOfBundle(largest)?.length, tileWidth)
})

t.test('a leaf that is too large for a bundle is refused', async (t) => {
  t.equal(await codeOf(() => bundleOfLeaves([Buffer.alloc(leafSizeAtMost + 1)])), 'leaf-too-large')
})

t.test('bytes that are no bundle are not read', async (t) => {
  const bad: [name: string, bytes: Uint8Array][] = [
    ['half a length', Buffer.of(0)],
    ['a length without a leaf', Buffer.of(0, 1)],
    ['a leaf that is cut', Buffer.of(0, 1, 7, 0xff, 0xff, 1)],
    ['a leaf too many', bundleOfLeaves(leavesUpTo(tileWidth + 1))],
    ['half a length after the last leaf', Buffer.concat([bundleOfLeaves(leavesUpTo(tileWidth)), Buffer.of(0)])]
  ]
  for (const [name, bytes] of bad) t.equal(leavesOfBundle(bytes), undefined, name)
})
