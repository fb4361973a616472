import t from 'tap'
import { appendLeaves, type Entry, emptyTree, openLog, readTree } from '../src/index.ts'
import { codeOf, flipped, hex, leafAt, leavesUpTo, MadeLog, makeLog } from './made-log.ts'

const all = async (entries: AsyncGenerator<Entry>): Promise<Entry[]> => {
  const found: Entry[] = []
  for await (const entry of entries) found.push(entry)
  return found
}

t.test('leaves are given out in their order, from one number to another', async (t) => {
  const made = makeLog(600)
  const log = await openLog(made.read, made.head)
  const ranges: [from: number | undefined, to: number | undefined, first: number, count: number][] = [
    [undefined, undefined, 0, 600],
    [0, 1, 0, 1],
    [255, 257, 255, 2],
    [256, 512, 256, 256],
    [599, undefined, 599, 1],
    [590, 10_000, 590, 10],
    [600, undefined, 0, 0],
    [700, undefined, 0, 0],
    [10, 10, 0, 0],
    [10, 5, 0, 0]
  ]
  for (const [from, to, first, count] of ranges) {
    const found = await all(log.entries(from, to))
    const expected = Array.from({ length: count }, (_, at) => ({ index: first + at, leaf: leafAt(first + at) }))
    t.same(found, expected, `${from} to ${to}`)
  }
})

t.test('leaves of a long log come a bundle at a time, and a tile is read once', async (t) => {
  const made = makeLog(20_000)
  const reads = new Map<string, number>()
  const log = await openLog(async (path) => {
    reads.set(path, (reads.get(path) ?? 0) + 1)
    return made.read(path)
  }, made.head)
  const opened = reads.size
  const entries = log.entries()
  t.same((await entries.next()).value, { index: 0, leaf: leafAt(0) })
  t.equal(reads.size - opened, 2, 'one tile and one bundle')
  t.equal((await all(entries)).length, 19_999)
  t.same(
    [...reads].filter(([, times]) => times > 1),
    []
  )
})

t.test('an empty log has no leaves, and needs no file', async (t) => {
  const made = new MadeLog()
  const log = await openLog(made.read, made.head)
  t.same(await all(log.entries()), [])
  t.same(await readTree(made.read, made.head), emptyTree)
})

t.test('a full tile stands for the partial one that was removed', async (t) => {
  const made = makeLog(300)
  const { head, tree } = made
  made.append(leavesUpTo(600).slice(300)).remove('tile/0/001.p/44').remove('tile/entries/001.p/44')
  const log = await openLog(made.read, head)
  t.equal((await all(log.entries())).length, 300)
  t.same(await readTree(made.read, head), tree)
})

t.test('what an append goes on from is read from the files', async (t) => {
  for (const size of [1, 255, 256, 257, 512, 600, 65_537]) {
    const made = makeLog(size)
    const tree = await readTree(made.read, made.head)
    t.same(tree, made.tree, `${size} leaves`)
    t.same(appendLeaves(tree, [leafAt(0)]), appendLeaves(made.tree, [leafAt(0)]))
  }
})

t.test('nothing is given out of a tile or a bundle that was changed', async (t) => {
  const size = 65_536 + 300
  const made = makeLog(size)
  const cases: [name: string, log: MadeLog, leaf: number, code: string][] = [
    ['a leaf', made.copy().change('tile/entries/003', (bytes) => flipped(bytes, 8 * 3)), 3 * 256, 'leaf-changed'],
    ['a bundle that is gone', made.copy().remove('tile/entries/003'), 3 * 256, 'entries-missing'],
    [
      'a bundle that is cut',
      made.copy().change('tile/entries/003', (bytes) => bytes.subarray(0, -1)),
      3 * 256,
      'entries-malformed'
    ],
    ['a tile', made.copy().change('tile/0/003', (bytes) => flipped(bytes, 0)), 3 * 256, 'tile-changed'],
    ['a tile that is gone', made.copy().remove('tile/0/003'), 3 * 256, 'tile-missing'],
    ['a tile that is cut', made.copy().change('tile/0/003', (bytes) => bytes.subarray(32)), 3 * 256, 'tile-malformed'],
    [
      'the tile of another place',
      made.copy().change('tile/0/003', () => made.files.get('tile/0/004') ?? Buffer.of()),
      3 * 256,
      'tile-changed'
    ],
    ['a tile above', made.copy().change('tile/1/000', (bytes) => flipped(bytes, 0)), 3 * 256, 'tile-changed'],
    [
      'the last leaf',
      made.copy().change('tile/entries/257.p/44', (bytes) => flipped(bytes, 8 * bytes.length - 1)),
      size - 1,
      'leaf-changed'
    ]
  ]
  for (const [name, { read, head }, leaf, code] of cases) {
    const log = await openLog(read, head)
    t.equal(await codeOf(() => all(log.entries(leaf, leaf + 1))), code, name)
  }
})

t.test('a log whose right edge does not give the root is not opened', async (t) => {
  const made = makeLog(600)
  const { head } = made
  for (const [path, code] of [
    ['tile/0/002.p/88', 'root-differs'],
    ['tile/1/000.p/2', 'root-differs']
  ] as const) {
    const changed = made.copy().change(path, (bytes) => flipped(bytes, 5))
    t.equal(await codeOf(() => openLog(changed.read, head)), code, path)
    t.equal(await codeOf(() => readTree(changed.read, head)), code, path)
    t.equal(await codeOf(() => openLog(made.copy().remove(path).read, head)), 'tile-missing', path)
    t.equal(await codeOf(() => openLog(made.copy().change(path, () => Buffer.alloc(31)).read, head)), 'tile-malformed')
  }
  t.equal(await codeOf(() => openLog(made.read, { ...head, root: flipped(head.root, 0) })), 'root-differs')
  t.equal(await codeOf(() => openLog(made.read, { ...head, size: 512 })), 'root-differs')
  t.equal(await codeOf(() => openLog(made.read, { ...head, size: -1 })), 'out-of-range')
})

t.test('a state is not read from a bundle that was changed', async (t) => {
  const made = makeLog(300).change('tile/entries/001.p/44', (bytes) => flipped(bytes, 30))
  t.equal(await codeOf(() => readTree(made.read, made.head)), 'leaf-changed')
})

t.test('a root is that of a range of the tree', async (t) => {
  const made = makeLog(600)
  const log = await openLog(made.read, made.head)
  t.equal(hex(await log.rootOf(0, 600)), hex(made.head.root))
  t.equal(hex(await log.rootOf(0, 256)), hex(makeLog(256).head.root))
  for (const [low, high] of [
    [0, 601],
    [-1, 5],
    [5, 5],
    [6, 5],
    [1, 3],
    [255, 257],
    [2, 6],
    [128, 384],
    [0, Number.NaN]
  ] as const) {
    t.equal(await codeOf(() => log.rootOf(low, high)), 'out-of-range', `${low} to ${high}`)
  }
})

t.test('a log has no bundle after its last leaf', async (t) => {
  const made = makeLog(600)
  const log = await openLog(made.read, made.head)
  t.equal((await log.bundle(2)).length, 88)
  for (const index of [3, 4, 1000, -1, 0.5])
    t.equal(await codeOf(() => log.bundle(index)), 'out-of-range', String(index))
  const full = makeLog(512)
  const even = await openLog(full.read, full.head)
  t.equal(await codeOf(() => even.bundle(2)), 'out-of-range')
})

t.test('an error of the disk is not taken for a missing tile', async (t) => {
  const made = makeLog(300)
  const failing = async (path: string) => {
    if (path.startsWith('tile/entries')) throw Object.assign(new Error('input/output error'), { code: 'EIO' })
    return made.read(path)
  }
  const log = await openLog(failing, made.head)
  await t.rejects(log.bundle(0), { code: 'EIO' })
})
