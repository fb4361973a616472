import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { leafHash, rootOfHashes } from '../src/hash.ts'
import { faults, signCheckpoint, signNote, verifierKey, verifyLog } from '../src/index.ts'
import { bundleOfLeaves } from '../src/tile.ts'
import {
  briefly,
  flipped,
  key,
  leafAt,
  leavesUpTo,
  MadeLog,
  makeLog,
  numbersFrom,
  origin,
  privateKey
} from './made-log.ts'

const size = 600
const whole = makeLog(size)
const { checkpoint } = whole

/** What is found in a log, by the checkpoint of the whole one if no other is given. */
const found = async (log: MadeLog, more: { checkpoint?: string; known?: [name: string, note: string][] } = {}) => {
  const known = (more.known ?? []).map(([name, note]) => ({ name, note }))
  const { findings } = await verifyLog({ read: log.read, key, checkpoint: more.checkpoint ?? checkpoint, known })
  return briefly(findings)
}

/** The log with other leaves in a bundle. */
const withBundle = (path: string, change: (leaves: Uint8Array[]) => Uint8Array[]): MadeLog => {
  const first = Number(/\d{3}/.exec(path)?.[0]) * 256
  return whole.copy().change(path, () => bundleOfLeaves(change(leavesUpTo(Math.min(size, first + 256)).slice(first))))
}
const swapped = (leaves: Uint8Array[]): Uint8Array[] => {
  const [first = Buffer.of(), second = Buffer.of(), ...rest] = leaves
  return [second, first, ...rest]
}
const bundle = 'tile/entries/001'
const last = 'tile/entries/002.p/88'

t.test('a log that is whole has nothing wrong', async (t) => {
  for (const count of [0, 1, 255, 256, 257, 600, 65_537]) {
    const log = makeLog(count)
    const { leaves, findings, checkpoint } = await verifyLog({ read: log.read, key, checkpoint: log.checkpoint })
    t.same({ leaves, findings, size: checkpoint?.size }, { leaves: count, findings: [], size: count })
  }
})

const changes: [name: string, log: MadeLog, findings: string[]][] = [
  ['a leaf is changed', withBundle(bundle, (leaves) => leaves.with(7, Buffer.from('other'))), ['leaf-changed 263']],
  ['the last leaf is changed', withBundle(last, (leaves) => leaves.with(87, leafAt(1))), ['leaf-changed 599']],
  ['a leaf is taken out', withBundle(bundle, (leaves) => leaves.toSpliced(7, 1)), ['leaf-removed 263']],
  ['the first leaf is taken out', withBundle(bundle, (leaves) => leaves.slice(1)), ['leaf-removed 256']],
  ['the last leaf of all is taken out', withBundle(last, (leaves) => leaves.slice(0, -1)), ['leaf-removed 599']],
  ['many leaves are taken out', withBundle(last, (leaves) => leaves.slice(0, 10)), ['leaf-removed 522']],
  ['all leaves of a bundle are taken out', withBundle(bundle, () => []), ['leaf-removed 256']],
  ['two leaves are swapped', withBundle(bundle, swapped), ['leaf-moved 256']],
  ['the leaves are reversed', withBundle(bundle, (leaves) => leaves.toReversed()), ['leaf-moved 256']],
  ['a leaf is put in', withBundle(last, (leaves) => leaves.toSpliced(7, 0, Buffer.from('new'))), ['leaf-added 519']],
  ['a leaf is put in at the end', withBundle(last, (leaves) => [...leaves, Buffer.from('new')]), ['leaf-added 600']],
  ['a leaf is there twice', withBundle(last, (leaves) => leaves.toSpliced(7, 0, leafAt(519))), ['leaf-added 520']],
  [
    'two bundles are swapped',
    withBundle(bundle, () => leavesUpTo(256)).change('tile/entries/000', () =>
      bundleOfLeaves(leavesUpTo(512).slice(256))
    ),
    ['leaf-changed 0', 'leaf-changed 256']
  ],
  ['a bundle is gone', whole.copy().remove(bundle), ['entries-missing 256-511']],
  ['the last bundle is gone', whole.copy().remove(last), ['entries-missing 512-599']],
  ['a bundle is cut', whole.copy().change(bundle, (bytes) => bytes.subarray(0, -1)), ['entries-malformed 256-511']],
  ['a bundle is empty', whole.copy().change(bundle, () => Buffer.of()), ['leaf-removed 256']],
  ['a tile is gone', whole.copy().remove('tile/0/001'), ['tile-missing 256-511']],
  ['a tile is changed', whole.copy().change('tile/0/001', (bytes) => flipped(bytes, 9)), ['tile-changed 256-511']],
  ['a tile is cut', whole.copy().change('tile/0/001', (bytes) => bytes.subarray(1)), ['tile-malformed 256-511']],
  ['the last tile is gone', whole.copy().remove('tile/0/002.p/88'), ['tile-missing 512-599']],
  [
    'the last tile is changed',
    whole.copy().change('tile/0/002.p/88', (bytes) => flipped(bytes, 9)),
    ['tile-changed 512-599']
  ],
  [
    'the last tile is cut',
    whole.copy().change('tile/0/002.p/88', (bytes) => bytes.subarray(32)),
    ['tile-malformed 512-599']
  ],
  ['the tile above is gone', whole.copy().remove('tile/1/000.p/2'), ['tile-missing 0-511']],
  [
    'the tile above is changed',
    whole.copy().change('tile/1/000.p/2', (bytes) => flipped(bytes, 300)),
    ['tile-changed 0-511']
  ],
  [
    'two things are wrong',
    withBundle(bundle, swapped).change('tile/1/000.p/2', (bytes) => flipped(bytes, 300)),
    ['tile-changed 0-511', 'leaf-moved 256']
  ],
  [
    'a leaf is changed, with its hash, in the last tile',
    new MadeLog().append(leavesUpTo(size).with(520, Buffer.from('other'))),
    ['root-differs']
  ],
  [
    'a leaf is changed, with all hashes above it',
    new MadeLog().append(leavesUpTo(size).with(7, Buffer.from('other'))),
    ['root-differs']
  ],
  [
    'the last tile is gone, and a leaf of its bundle is changed',
    withBundle(last, (leaves) => leaves.with(3, Buffer.from('other'))).remove('tile/0/002.p/88'),
    ['tile-missing 512-599', 'root-differs']
  ],
  [
    'the last tile and its bundle are gone',
    whole.copy().remove(last).remove('tile/0/002.p/88'),
    ['tile-missing 512-599', 'entries-missing 512-599', 'root-differs']
  ]
]

for (const [name, log, findings] of changes) {
  t.test(`it is found that ${name}`, async (t) => {
    t.same(await found(log), findings)
  })
}

t.test('a large log has each damage told once', async (t) => {
  const large = makeLog(65_536 + 300)
  const damaged = large
    .copy()
    .change('tile/1/000', (bytes) => flipped(bytes, 0))
    .change('tile/entries/256', () => Buffer.of())
  t.same(await found(damaged, { checkpoint: large.checkpoint }), ['tile-changed 0-65535', 'leaf-removed 65536'])
  const { leaves } = await verifyLog({ ...damaged, key, checkpoint: large.checkpoint })
  t.equal(leaves, 44, 'no leaf below a tile that was changed counts')
})

t.test('however much is wrong, the list of it ends', async (t) => {
  const large = makeLog(101 * 256)
  for (const path of large.files.keys()) if (path.startsWith('tile/entries')) large.change(path, () => Buffer.of())
  t.equal((await found(large, { checkpoint: large.checkpoint })).length, 100)
})

t.test('a checkpoint of more leaves than anybody has is soon judged', async (t) => {
  const hashes = leavesUpTo(4).map(leafHash)
  const huge = { size: 4 * 256 ** 6, root: rootOfHashes(hashes) }
  let reads = 0
  const read = async (path: string) => {
    // else the test would not end
    if (++reads > 1000) throw new Error('it reads on and on')
    return path === 'tile/6/000.p/4' ? Buffer.concat(hashes) : undefined
  }
  const note = signCheckpoint(privateKey, { origin, ...huge, extensions: [] })
  const { findings, leaves } = await verifyLog({ read, key, checkpoint: note })
  t.same(
    findings.map(({ code, path }) => `${code} ${path}`),
    [0, 1, 2, 3].map((index) => `tile-missing tile/5/00${index}`)
  )
  t.equal(leaves, 0)
})

t.test('every bit that is changed in any file is found', async (t) => {
  const below = numbersFrom(3)
  const missed: string[] = []
  for (const [path, bytes] of whole.files) {
    const bits = [0, bytes.length * 8 - 1, ...Array.from({ length: 30 }, () => below(bytes.length * 8))]
    for (const bit of bits) {
      const findings = await found(whole.copy().change(path, () => flipped(bytes, bit)))
      if (findings.length === 0) missed.push(`${path} ${bit}`)
    }
    if ((await found(whole.copy().remove(path))).length === 0) missed.push(`${path} is gone`)
    if ((await found(whole.copy().change(path, () => Buffer.concat([bytes, Buffer.of(0)])))).length === 0) {
      missed.push(`${path} is longer`)
    }
  }
  t.same(missed, [])
})

// what an attacker with the key can do: sign another log
const other = Buffer.from('other')
const rewritten = new MadeLog().append(leavesUpTo(size).with(350, other))
const kept = (count: number): string => makeLog(count).checkpoint

t.test('a checkpoint that was kept fits a log that only grew', async (t) => {
  t.same(
    await found(whole, {
      known: [
        ['of today', checkpoint],
        ['of none', kept(0)],
        ['of one', kept(1)],
        ['of a bundle', kept(256)],
        ['of before', kept(599)]
      ]
    }),
    []
  )
})

t.test('a cut tail is found, and how much was cut', async (t) => {
  const cut = makeLog(400)
  t.same(await found(cut, { checkpoint: cut.checkpoint }), [], 'not without a checkpoint that was kept')
  t.same(
    await found(cut, {
      checkpoint: cut.checkpoint,
      known: [
        ['monday', kept(300)],
        ['friday', kept(600)]
      ]
    }),
    ['tail-cut friday 400-599']
  )
})

t.test('a log is cut, too, if only its checkpoint was put back', async (t) => {
  const grown = makeLog(300).append(leavesUpTo(size).slice(300))
  t.same(await found(grown, { checkpoint: kept(300), known: [['kept', checkpoint]] }), ['tail-cut kept 300-599'])
})

t.test('a tail that was rewritten is found, and between which checkpoints', async (t) => {
  t.same(await found(rewritten, { checkpoint: rewritten.checkpoint }), [], 'not without a checkpoint that was kept')
  t.same(
    await found(rewritten, {
      checkpoint: rewritten.checkpoint,
      known: [
        ['wednesday', kept(400)],
        ['tuesday', kept(351)],
        ['monday', kept(350)]
      ]
    }),
    ['rewritten tuesday 350', 'rewritten wednesday 350-399']
  )
})

t.test('a tail that was cut and written again is found', async (t) => {
  const again = makeLog(400).append(Array(300).fill(other))
  t.same(
    await found(again, {
      checkpoint: again.checkpoint,
      known: [
        ['before', kept(390)],
        ['after', kept(500)]
      ]
    }),
    ['rewritten after 390-499']
  )
})

t.test('a fork is found: two checkpoints of one size that say different things', async (t) => {
  t.same(await found(whole, { known: [['mine', rewritten.checkpoint]] }), ['fork mine'])
  const cut = makeLog(400)
  const twice: [string, string][] = [
    ['mine', checkpoint],
    ['yours', rewritten.checkpoint]
  ]
  t.same(await found(cut, { checkpoint: cut.checkpoint, known: twice }), [
    'tail-cut mine 400-599',
    'fork yours',
    'tail-cut yours 400-599'
  ])
})

t.test('a log without a checkpoint that fits says up to where it is what it was', async (t) => {
  t.same(
    await found(rewritten, {
      known: [
        ['kept', kept(300)],
        ['later', kept(400)]
      ]
    }),
    ['root-differs', 'rewritten later 300-399']
  )
  const { leaves } = await verifyLog({ ...rewritten, key, checkpoint })
  t.equal(leaves, 0, 'no leaf counts that is compared with nothing signed')
})

t.test('a checkpoint that is not signed by the key is found, wherever it lies', async (t) => {
  const { privateKey: stranger } = generateKeyPairSync('ed25519')
  const { head } = whole
  const bad: [code: string, note: string][] = [
    ['note-malformed', 'nothing\n'],
    ['note-unsigned', signCheckpoint(stranger, { origin, ...head, extensions: [] })],
    ['note-unsigned', signCheckpoint(privateKey, { origin: 'example.com/other', ...head, extensions: [] })],
    ['signature-wrong', checkpoint.replace('\n600\n', '\n599\n')],
    ['checkpoint-malformed', signNote(privateKey, origin, 'no checkpoint\n')],
    [
      'other-origin',
      signNote(privateKey, origin, checkpoint.split('\n\n')[0]?.replace(origin, 'example.com/x').concat('\n') ?? '')
    ]
  ]
  for (const [code, note] of bad) {
    t.same(await found(whole, { checkpoint: note }), [code], `the checkpoint of the log: ${code}`)
    t.same(await found(whole, { known: [['kept', note]] }), [`${code} kept`], `a kept one: ${code}`)
  }
  const { leaves, checkpoint: trusted } = await verifyLog({ ...whole, key, checkpoint: 'nothing\n' })
  t.same({ leaves, trusted }, { leaves: 0, trusted: undefined })
})

t.test('a key that is none is an error of whoever asks', async (t) => {
  await t.rejects(verifyLog({ read: whole.read, key: 'none', checkpoint }), { code: 'key-malformed' })
  const another = verifierKey('example.com/other', privateKey)
  const { findings } = await verifyLog({ read: whole.read, key: another, checkpoint })
  t.same(briefly(findings), ['note-unsigned'])
})

t.test('an error of the disk is an error, and no finding', async (t) => {
  const failing = async () => {
    throw Object.assign(new Error('input/output error'), { code: 'EIO' })
  }
  await t.rejects(verifyLog({ read: failing, key, checkpoint }), { code: 'EIO' })
})

t.test('a finding says in words what and where, and each code has a meaning', async (t) => {
  const { findings } = await verifyLog({ ...withBundle(bundle, swapped), key, checkpoint })
  t.same(findings, [
    {
      code: 'leaf-moved',
      detail: 'in the place of leaf 256 stands leaf 257',
      leaves: { first: 256, last: 256 },
      path: bundle
    }
  ])
  for (const [code, meaning] of Object.entries(faults)) t.match(meaning, /^[A-Z].*\.$/, code)
})
