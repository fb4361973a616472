import t from 'tap'
import { type BatchSpec, type NewDocument, packBatch, unpackBatch } from '../../../../src/core/ports/log/format.ts'
import { digestOf, partsOf } from '../../../../src/core/ports/log/log-keys.ts'
import { judgeBytes, type Spent, spend } from '../../../../src/features/high-availability/log/budget.ts'
import { pauseAfter } from '../../../../src/features/high-availability/log/log-clock.ts'
import { OpenBatches } from '../../../../src/features/high-availability/log/open-batches.ts'
import {
  differing,
  merge,
  type SeenDocument
} from '../../../../src/features/high-availability/log/taking-over/merge.ts'
import { keys } from './log-fixture.ts'

const budget = { total: 1000, rate: { bytes: 100, burst: 500 } }
const now = 10_000

const asks: [
  what: string,
  total: number,
  change: number,
  head: number,
  spent: Spent,
  retryAfter: number | undefined
][] = [
  ['a commit within both budgets', 500, 100, 100, { at: 0, bytes: 0 }, undefined],
  ['a commit that fills the room', 900, 100, 100, { at: 0, bytes: 0 }, undefined],
  ['a commit that needs more than there is', 900, 101, 100, { at: 0, bytes: 0 }, 60],
  ['a commit that makes room', 2000, -1, 100, { at: 0, bytes: 0 }, undefined],
  ['a commit that changes no size', 2000, 0, 100, { at: 0, bytes: 0 }, undefined],
  ['a commit that takes the rest of the burst', 0, 1, 100, { at: now, bytes: 400 }, undefined],
  ['a commit over the burst', 0, 1, 101, { at: now, bytes: 400 }, 1],
  ['a commit far over the burst', 0, 1, 100, { at: now, bytes: 900 }, 5],
  ['a commit over the burst a while ago', 0, 1, 100, { at: now - 5000, bytes: 900 }, undefined],
  ['a commit that makes room, over the burst', 0, -50, 101, { at: now, bytes: 400 }, 1]
]
for (const [what, total, change, head, spent, retryAfter] of asks) {
  t.test(`${what} is ${retryAfter === undefined ? 'written' : 'refused'}`, async (t) =>
    t.equal(judgeBytes({ total, change, head }, spent, now, budget)?.retryAfter, retryAfter)
  )
}

t.test('what was written lately gets less with time, and never less than nothing', async (t) => {
  t.same(spend({ at: 0, bytes: 300 }, 1000, 50, budget), { at: 1000, bytes: 250 })
  t.same(spend({ at: 0, bytes: 300 }, 60_000, 50, budget), { at: 60_000, bytes: 50 })
  t.same(spend({ at: 1000, bytes: 300 }, 0, 50, budget), { at: 0, bytes: 350 }, 'a clock that goes back brings nothing')
})

t.test('pauses grow until they are as long as they may be', async (t) => {
  const pauses = [1, 2, 3, 5, 6, 1000].map((failures) => pauseAfter(failures, { pause: 100, pauseAtMost: 2000 }))
  t.same(pauses, [100, 200, 400, 1600, 2000, 2000])
})

const aBatch = (number: number, text = ''): BatchSpec => ({ number, term: 1, text })
const named = (names: readonly string[]): NewDocument[] => names.map((name) => ({ name, text: `"${name}"` }))

/** Batches that a head holds. Each is shown as its number, and the names that are in it. */
const openBatches = () => {
  const open = new OpenBatches()
  const batchOf = (number: number, names: readonly string[]): BatchSpec =>
    aBatch(number, packBatch(named(names), 'nonce'))
  return {
    open,
    batchOf,
    /** Moves the head by a batch with these names. */
    move: (number: number, ...names: string[]): void =>
      open.moved([...open.before(named(names)), batchOf(number, names)], named(names)),
    /** The batches that the next head holds before its own, which has these names. */
    before: (...names: string[]): (readonly [number, string])[] =>
      open.before(named(names)).map(
        (batch) =>
          [
            batch.number,
            unpackBatch(batch)
              .map(({ name }) => name)
              .join('')
          ] as const
      )
  }
}

t.test('a batch leaves the head when all before it leave, and is empty there until then', async (t) => {
  const { open, move, before } = openBatches()
  move(1, 'a', 'b')
  move(2, 'c')
  move(3, 'd')
  open.written('c', 2)
  t.same(before(), [
    [1, 'ab'],
    [2, ''],
    [3, 'd']
  ])
  open.written('a', 1)
  t.same(
    before(),
    [
      [1, 'ab'],
      [2, ''],
      [3, 'd']
    ],
    'a batch is packed anew for newer content alone'
  )
  t.notOk(open.areWritten)
  open.written('b', 1)
  t.same(before(), [[3, 'd']])
  open.written('d', 3)
  t.same(before(), [])
  t.ok(open.areWritten)
  t.equal(open.size, 3, 'the head still has them')
  open.moved([], [])
  t.equal(open.size, 0)
})

t.test('each name stands in the head once, with its newest content', async (t) => {
  const { open, move, before } = openBatches()
  move(1, 'a', 'b')
  t.same(before('a'), [[1, 'b']], 'it leaves the older batch in the very head that has the newer one')
  t.same(before(), [[1, 'ab']], 'and not before: that head may be refused')
  move(2, 'a', 'c')
  move(3, 'c')
  t.same(before(), [
    [1, 'b'],
    [2, 'a'],
    [3, 'c']
  ])
  t.same(before('a'), [
    [1, 'b'],
    [2, ''],
    [3, 'c']
  ])
  t.same(before('b', 'a'), [[3, 'c']])
  open.written('a', 1)
  t.same(
    before('b'),
    [
      [2, 'a'],
      [3, 'c']
    ],
    'an older content that is written does not settle a newer one'
  )
})

t.test('a head that another process left is taken over with what is newest in it', async (t) => {
  const { open, batchOf, before } = openBatches()
  const names = [['a', 'b'], ['c'], ['a', 'c'], ['d']]
  open.takeOver(
    names.map((names, index) => ({ batch: batchOf(index + 1, names), documents: named(names) })),
    (name) => name !== 'd'
  )
  t.same(before(), [
    [1, 'b'],
    [2, ''],
    [3, 'ac'],
    [4, '']
  ])
  for (const name of ['a', 'c']) open.written(name, 3)
  t.same(before(), [
    [1, 'b'],
    [2, ''],
    [3, ''],
    [4, '']
  ])
  open.written('b', 1)
  t.same(before(), [])
})

type Row = [name: string, number: number, text?: string | null]
const seen = (rows: readonly Row[]): SeenDocument[] =>
  rows.map(([name, number, text = `"${name}${number}"`]) => ({ name, number, text }))
const batches = (rows: readonly Row[]): { batch: BatchSpec; documents: NewDocument[] }[] =>
  seen(rows).map(({ name, number, text }) => ({ batch: aBatch(number), documents: [{ name, text }] }))

interface Case {
  what: string
  seen: Row[]
  batches?: Row[]
  /** What the digest of the head is of. */
  head: Row[]
  known?: { number: number; documents: Row[] }
  live?: Row[]
  unwritten?: string[]
  strays?: string[]
  differs?: string[]
}

const cases: Case[] = [
  { what: 'nothing at all', seen: [], head: [], live: [] },
  {
    what: 'documents that are all written',
    seen: [
      ['a', 1],
      ['b', 2]
    ],
    head: [
      ['a', 1],
      ['b', 2]
    ],
    live: [
      ['a', 1],
      ['b', 2]
    ]
  },
  {
    what: 'a document that only a batch has',
    seen: [],
    batches: [['a', 3]],
    head: [['a', 3]],
    live: [['a', 3]],
    unwritten: ['a']
  },
  {
    what: 'a batch that is newer',
    seen: [['a', 1]],
    batches: [['a', 3]],
    head: [['a', 3]],
    live: [['a', 3]],
    unwritten: ['a']
  },
  { what: 'a document as new as the batch', seen: [['a', 3]], batches: [['a', 3]], head: [['a', 3]], live: [['a', 3]] },
  {
    what: 'a document newer than an old batch',
    seen: [['a', 4]],
    batches: [['a', 3]],
    head: [['a', 4]],
    live: [['a', 4]]
  },
  {
    what: 'two batches of one document',
    seen: [],
    batches: [
      ['a', 3],
      ['a', 4]
    ],
    head: [['a', 4]],
    live: [['a', 4]],
    unwritten: ['a']
  },
  { what: 'a batch that deletes', seen: [['a', 1]], batches: [['a', 3, null]], head: [], live: [], unwritten: ['a'] },
  {
    what: 'a batch that makes again what one deleted',
    seen: [['a', 1]],
    batches: [
      ['a', 3, null],
      ['a', 4]
    ],
    head: [['a', 4]],
    live: [['a', 4]],
    unwritten: ['a']
  },
  { what: 'a grave', seen: [['a', 3, null]], head: [], live: [] },
  {
    what: 'a grave that a batch is newer than',
    seen: [['a', 3, null]],
    batches: [['a', 4]],
    head: [['a', 4]],
    live: [['a', 4]],
    unwritten: ['a']
  },
  {
    what: 'a document that came late',
    seen: [
      ['a', 1],
      ['b', 2]
    ],
    head: [['b', 2]],
    live: [['b', 2]],
    strays: ['a']
  },
  {
    what: 'two documents that came late',
    seen: [
      ['a', 1],
      ['b', 2],
      ['c', 3]
    ],
    head: [['b', 2]],
    live: [['b', 2]],
    strays: ['a', 'c']
  },
  {
    what: 'another content with the number of the document',
    seen: [
      ['a', 1, '"forged"'],
      ['b', 2]
    ],
    head: [
      ['a', 1],
      ['b', 2]
    ],
    differs: []
  },
  {
    what: 'another content with the number of the document, in a batch',
    seen: [['b', 2]],
    batches: [['a', 3, '"forged"']],
    head: [
      ['a', 3],
      ['b', 2]
    ],
    differs: []
  },
  {
    what: 'a document of an open batch that the head does not count: it is no late one',
    seen: [['b', 2]],
    batches: [['a', 3]],
    head: [['b', 2]],
    differs: []
  },
  {
    what: 'three documents that came late',
    seen: [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 4]
    ],
    head: [['b', 2]],
    differs: []
  },
  {
    what: 'five late documents, of which the local file knows three',
    seen: [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 8],
      ['e', 9],
      ['f', 4]
    ],
    head: [['b', 2]],
    known: { number: 5, documents: [['b', 2]] },
    live: [['b', 2]],
    strays: ['a', 'c', 'f', 'd', 'e']
  },
  {
    what: 'a document that is missing',
    seen: [['b', 2]],
    head: [
      ['a', 1],
      ['b', 2]
    ],
    differs: []
  },
  {
    what: 'a document that is missing, and that the local file knows',
    seen: [['b', 2]],
    head: [
      ['a', 1],
      ['b', 2]
    ],
    known: {
      number: 2,
      documents: [
        ['a', 1],
        ['b', 2]
      ]
    },
    differs: ['a is missing']
  },
  {
    what: 'a document that was put back',
    seen: [
      ['a', 1],
      ['b', 2]
    ],
    head: [
      ['a', 3],
      ['b', 2]
    ],
    known: {
      number: 3,
      documents: [
        ['a', 3],
        ['b', 2]
      ]
    },
    differs: ['a is of batch 1 and was of 3']
  },
  {
    what: 'a document that the local file knows and that was deleted since',
    seen: [['b', 2]],
    head: [['b', 2]],
    known: {
      number: 2,
      documents: [
        ['a', 1],
        ['b', 2]
      ]
    },
    live: [['b', 2]]
  }
]
for (const { what, live, unwritten = [], strays = [], differs, ...given } of cases) {
  t.test(`merged: ${what}`, async (t) => {
    const merged = merge({
      seen: seen(given.seen),
      batches: batches(given.batches ?? []),
      digest: digestOf(
        seen(given.head).map((one) => ({ ...one, text: one.text ?? '' })),
        partsOf(keys)
      ),
      partOf: partsOf(keys),
      known: given.known && {
        log: 'log',
        number: given.known.number,
        documents: new Map(given.known.documents.map(([name, number]) => [name, number]))
      }
    })
    if ('differs' in merged) return t.same(merged.names, differs)
    t.same(
      merged.live.map(({ name, number, text }) => [name, number, text]),
      seen(live ?? []).map(({ name, number, text }) => [name, number, text])
    )
    t.same(
      merged.unwritten.map(({ name }) => name),
      unwritten
    )
    t.same(merged.strays.map(({ name }) => name).sort(), [...strays].sort())
  })
}

t.test('the sentence about documents that differ names five of them', async (t) => {
  t.match(differing([]), /not those of its head$/)
  t.match(differing(['a is missing']), /head: a is missing$/)
  t.match(differing(['a', 'b', 'c', 'd', 'e', 'f', 'g']), /: a, b, c, d, e, and 2 more$/)
})
