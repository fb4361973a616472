import t from 'tap'
import { leafHash, rootOfHashes } from '../src/hash.ts'
import { appendLeaves, emptyTree, leafSizeAtMost, pathsOf, rootOfTree, type Tree } from '../src/index.ts'
import { codeOf, hex, leafAt, leavesUpTo, MadeLog, makeLog } from './made-log.ts'
import { slowTree } from './slow-tree.ts'

const most = 600
const hashes = leavesUpTo(most).map(leafHash)

t.test('at every size up to 600 the edge gives the root that all leaves give', async (t) => {
  const log = new MadeLog()
  const wrong: number[] = []
  for (let size = 0; size <= most; size += 1) {
    if (hex(log.head.root) !== hex(rootOfHashes(hashes.slice(0, size)))) wrong.push(size)
    log.append([leafAt(size)])
  }
  t.same(wrong, [])
})

t.test('the files are those of the size, whatever the batches were', async (t) => {
  const bySteps = new MadeLog()
  const wrong: number[] = []
  for (let size = 1; size <= most; size += 1) {
    bySteps.append([leafAt(size - 1)])
    // the sizes at which something begins or ends, and a few others
    if (size > 20 && size % 256 > 2 && size % 256 < 254 && size % 37 > 0) continue
    const atOnce = makeLog(size)
    const same = [...pathsOf(size)].every((path) => {
      const [one, other] = [bySteps.files.get(path), atOnce.files.get(path)]
      return one !== undefined && other !== undefined && hex(one) === hex(other)
    })
    if (!same || atOnce.files.size !== [...pathsOf(size)].length) wrong.push(size)
    if (JSON.stringify(bySteps.tree) !== JSON.stringify(atOnce.tree)) wrong.push(size)
  }
  t.same(wrong, [])
})

t.test('a log of 65,537 leaves has a full tile of full tiles', async (t) => {
  const size = 256 * 256 + 1
  const log = makeLog(65_535)
    .append([leafAt(65_535)])
    .append([leafAt(65_536)])
  t.same(
    [...pathsOf(size)].filter((path) => !log.files.has(path)),
    []
  )
  t.ok(log.files.has('tile/1/000'))
  t.equal(log.files.get('tile/2/000.p/1')?.length, 32)
  t.equal(hex(log.head.root), hex(slowTree(leavesUpTo(size).map(leafHash)).root(size)))
})

t.test('an append writes what is new, and says which partial tiles it replaces', async (t) => {
  const { tree } = appendLeaves(emptyTree, leavesUpTo(250))
  const more = appendLeaves(tree, leavesUpTo(10))
  t.same(
    more.writes.map(({ path }) => path),
    ['tile/entries/000', 'tile/0/000', 'tile/entries/001.p/4', 'tile/0/001.p/4', 'tile/1/000.p/1']
  )
  t.same(more.stale, ['tile/entries/000.p', 'tile/0/000.p'])
  const one = appendLeaves(more.tree, [leafAt(0)])
  t.same(
    one.writes.map(({ path }) => path),
    ['tile/entries/001.p/5', 'tile/0/001.p/5'],
    'the level above has no new hash'
  )
  t.same(one.stale, [])
})

t.test('an append of nothing writes nothing', async (t) => {
  const { tree } = makeLog(300)
  t.same(appendLeaves(tree, []), { tree, writes: [], stale: [] })
})

t.test('an append that is made again, from the same state, writes the same', async (t) => {
  const { tree } = makeLog(250)
  t.same(appendLeaves(tree, leavesUpTo(300)), appendLeaves(tree, leavesUpTo(300)))
})

t.test('the state is JSON, and small', async (t) => {
  const { tree } = makeLog(65_535)
  const kept = JSON.parse(JSON.stringify(tree)) as Tree
  t.equal(hex(rootOfTree(kept)), hex(rootOfTree(tree)))
  t.same(appendLeaves(kept, [leafAt(1)]), appendLeaves(tree, [leafAt(1)]))
  t.ok(JSON.stringify(tree).length < 30_000)
})

t.test('a leaf may be empty, and as large as an entry can be, and no larger', async (t) => {
  const log = new MadeLog().append([Buffer.alloc(0), Buffer.alloc(leafSizeAtMost)])
  t.equal(log.files.get('tile/entries/000.p/2')?.length, 4 + leafSizeAtMost)
  const before = JSON.stringify(log.tree)
  const tooLarge = [leafAt(2), Buffer.alloc(leafSizeAtMost + 1)]
  t.equal(await codeOf(() => appendLeaves(log.tree, tooLarge)), 'leaf-too-large')
  t.equal(JSON.stringify(log.tree), before)
})

t.test('nothing is appended to a state that is not whole', async (t) => {
  const { size, edge } = makeLog(300).tree
  const [ground = '', above = ''] = edge.tiles
  const damaged: [name: string, tree: Tree][] = [
    ['another size', { size: size + 1, edge }],
    ['a size of another level', { size: 3, edge }],
    ['no level', { size, edge: { ...edge, tiles: [] } }],
    ['a level too many', { size, edge: { ...edge, tiles: [...edge.tiles, ''] } }],
    ['a hash less', { size, edge: { ...edge, tiles: [ground, ''] } }],
    ['no entries', { size, edge: { ...edge, entries: '' } }],
    [
      'entries of another log',
      { size, edge: { ...edge, entries: new MadeLog().append(leavesUpTo(45).slice(1)).tree.edge.entries } }
    ],
    ['half an entry', { size, edge: { ...edge, entries: edge.entries.slice(0, -4) } }],
    ['the size of nothing', { size: Number.NaN, edge: { tiles: [ground, above], entries: edge.entries } }]
  ]
  for (const [name, tree] of damaged) {
    t.match(await codeOf(() => appendLeaves(tree, [leafAt(1)])), /^(tree-damaged|out-of-range)$/, name)
  }
})
