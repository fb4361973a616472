import t from 'tap'
import { logKeys } from '../../../../src/core/ports/log/log-keys.ts'
import { readLost, tellLost } from '../../../../src/core/ports/log/lost-branch.ts'
import { isSettledSince, judgePlace, readTerms, type Term, textOf } from '../../../../src/core/ports/log/terms.ts'
import {
  decideAdopted,
  decideMemory,
  type KnownBatch,
  type Seen
} from '../../../../src/features/high-availability/log/memory/memory.ts'

/** A term that began with this batch on that one. */
const term = (term: number, number: number, before: number, more: Partial<Term> = {}): Term => ({
  term,
  number,
  before: { number: before, hash: `h${before}`, term: term - 1 },
  at: new Date(number * 1000).toISOString(),
  ...more
})

/** The log: term 1 has batches 1 to 9, term 2 has 100 to 120, and term 3 goes on from 500. */
const terms = [term(1, 1, 0), term(2, 100, 9), term(3, 500, 120)]
const head = { log: 'one', number: 510, hash: 'h510', term: 3 }

const places: [what: string, place: Parameters<typeof judgePlace>[0], line: string, from?: number][] = [
  ['the end', { number: 510, terms: [[3, 500]] }, 'here'],
  ['a batch of the present term', { number: 505, terms: [[3, 500]] }, 'here'],
  ['beyond the end', { number: 511, terms: [[3, 500]] }, 'ahead'],
  ['the last batch of an earlier term', { number: 120, hash: 'h120', terms: [[2, 100]] }, 'here'],
  ['another batch with that number', { number: 120, hash: 'x', terms: [[2, 100]] }, 'fork', 3],
  ['beyond the end of an earlier term', { number: 121, terms: [[2, 100]] }, 'fork', 3],
  [
    'terms of a branch that was left',
    {
      number: 290,
      terms: [
        [2, 100],
        [3, 270]
      ]
    },
    'fork',
    3
  ],
  [
    'a term more, on a log that nobody took over since',
    {
      number: 700,
      terms: [
        [3, 500],
        [4, 650]
      ]
    },
    'ahead'
  ],
  ['terms that the log never had', { number: 700, terms: [[9, 650]] }, 'fork'],
  ['a number alone, within a term', { number: 110 }, 'here'],
  ['a number alone, that a take-over skipped', { number: 130 }, 'fork', 3],
  [
    'terms of a branch that was left too long ago',
    {
      number: 700,
      terms: [
        [8, 300],
        [9, 650]
      ]
    },
    'fork',
    3
  ],
  ['a number alone, beyond the end', { number: 511 }, 'ahead'],
  ['a number alone, from before the history', { number: 0 }, 'here']
]
for (const [what, place, is, from] of places) {
  t.test(`a place in the log: ${what} is ${is}`, async (t) => {
    const line = judgePlace(place, head.number, terms)
    t.equal(line.is, is)
    t.equal(line.is === 'fork' ? line.from?.term : undefined, from)
  })
}

t.test('what was given before a fork is settled if a term since then began with a mark', async (t) => {
  const [, second, third] = terms
  t.notOk(isSettledSince(second, terms))
  t.notOk(isSettledSince(undefined, terms), 'nobody can say that of a fork without a place')
  const partly = [...terms, term(4, 900, 510, { restored: 'why', upTo: 100 })]
  t.ok(isSettledSince(second, partly))
  t.notOk(isSettledSince(third, partly), 'A2: a later fork is not settled by what an earlier one took back')
  const settled = [...terms, term(4, 900, 510, { restored: 'why' })]
  t.ok(isSettledSince(second, settled))
  t.ok(isSettledSince(third, settled))
  t.notOk(isSettledSince(term(5, 1000, 950), settled), 'but not if the mark is older than the fork')
})

t.test('the history keeps the last 512 terms, and another text is none', async (t) => {
  const many = Array.from({ length: 600 }, (_, index) => term(index, index * 10, index * 10 - 1))
  const read = readTerms(textOf(many))
  t.equal(read.length, 512)
  t.equal(read.at(-1)?.term, 599)
  t.same(readTerms(undefined), [])
  t.throws(() => readTerms('{"terms":[{}]}'), { code: 'log-damaged' })
})

const batch = (number: number, of: number, more: Partial<KnownBatch> = {}): KnownBatch => ({
  number,
  hash: `h${number}`,
  term: of,
  at: new Date(0).toISOString(),
  terms: terms.filter((one) => one.term <= of).map((one) => [one.term, one.number] as const),
  ...more
})
const seen = (log: Partial<Seen['logs'][0]>, isFresh = false): Seen => ({
  logs: [{ log: 'one', number: 0, ...log }],
  isFresh
})

const memories: [what: string, situation: Partial<Parameters<typeof decideMemory>[0]>, restored: RegExp | undefined][] =
  [
    ['an empty log', { head: { ...head, number: 0, term: 0 }, terms: [] }, undefined],
    ['no memory at all', {}, /without fresh memory/],
    [
      'a file alone, if others took over since it was made',
      { known: { log: 'one', number: 510 } },
      /without fresh memory/
    ],
    [
      'a file alone, at the first take-over after an upgrade',
      { known: { log: 'one', number: 510 }, terms: [] },
      undefined
    ],
    ['a host that only looked, at an upgrade', { terms: [], seen: seen({ number: 510 }) }, /without fresh memory/],
    ['the server that was active last', { seen: seen({ own: batch(500, 3) }) }, undefined],
    ['a server that was active in the term before', { seen: seen({ own: batch(120, 2) }) }, /without fresh memory/],
    ['the same, when its memory is fresh', { seen: seen({ own: batch(120, 2) }, true) }, undefined],
    [
      'a server whose last term has this number on another branch',
      {
        seen: seen({
          own: batch(280, 3, {
            terms: [
              [2, 100],
              [3, 270]
            ]
          })
        })
      },
      /without fresh memory/
    ],
    ['a sight of the very end', { seen: seen({ sight: batch(510, 3) }) }, undefined],
    ['a stale sight', { seen: seen({ sight: batch(505, 3) }) }, /without fresh memory/],
    ['a fresh sight', { seen: seen({ sight: batch(505, 3) }, true) }, undefined],
    [
      'a fresh sight of another log',
      { seen: { logs: [{ log: 'two', number: 1, sight: batch(1, 1) }], isFresh: true } },
      /memory/
    ],
    [
      'a fresh sight, and a file that the log went on without',
      { known: { log: 'one', number: 130 }, seen: seen({ own: batch(130, 2), sight: batch(505, 3) }, true) },
      /went on without what a host had, up to batch 130/
    ],
    [
      'the same after a settling',
      {
        terms: [...terms, term(4, 505, 504, { restored: 'why' })],
        known: { log: 'one', number: 130 },
        seen: seen({ own: batch(130, 2), sight: batch(510, 4, { terms: [[4, 505]] }) }, true)
      },
      undefined
    ],
    [
      'the last server, after a command of another host that gave nothing',
      {
        head: { log: 'one', number: 900, hash: 'h900', term: 4 },
        terms: [
          ...terms,
          { ...term(4, 900, 510, { isCommand: true }), before: { number: 510, hash: 'h510', term: 3 } }
        ],
        seen: seen({ own: batch(500, 3) })
      },
      undefined
    ]
  ]
for (const [what, situation, why] of memories) {
  t.test(`a take-over by ${what} ${why === undefined ? 'goes on' : 'is one of an older copy'}`, async (t) => {
    const verdict = decideMemory({ head, terms, known: undefined, seen: undefined, ...situation })
    if (verdict.is === 'refused') return t.fail(verdict.cause)
    if (why === undefined) return t.equal(verdict.restored, undefined)
    return t.match(verdict.restored?.why, why)
  })
}

t.test('a fork that is found at a take-over takes back only what was given before it', async (t) => {
  const known = { log: 'one', number: 130 }
  const verdict = decideMemory({
    head,
    terms,
    known,
    seen: seen({ own: batch(130, 2), sight: batch(505, 3) }, true)
  })
  const at = '1970-01-01T00:08:20.000Z'
  t.match(verdict, { is: 'known', restored: { before: at, upTo: 500 }, lost: { at } })
})

t.test(
  'A2: a host whose file was put aside already, and that was killed then, has no other file to put aside',
  async (t) => {
    const verdict = decideMemory({
      head,
      terms,
      known: undefined,
      seen: seen({ own: batch(130, 2), sight: batch(510, 3) })
    })
    t.match(verdict, { is: 'known', restored: { why: /up to batch 130/ }, lost: undefined })
  }
)

t.test('A2: a host that knows a number alone asks nothing again once its fork was settled', async (t) => {
  const settled = [...terms, term(4, 900, 510, { restored: 'why' }), term(5, 2000, 950)]
  const end = { log: 'one', number: 2000, hash: 'h2000', term: 5 }
  const situation = { head: end, terms: settled, known: { log: 'one', number: 130 }, seen: seen({}) }
  const verdict = decideAdopted(situation)
  t.match(verdict, { is: 'known', restored: undefined })
})

t.test('A2: a fork by a host whose clock was years behind has no time, so that everything is settled', async (t) => {
  const [first, second, third] = [term(1, 1, 0), term(2, 100, 9), term(3, 500, 120, { at: '1960-01-01T00:00:00.000Z' })]
  const verdict = decideMemory({
    head,
    terms: [first, second, third],
    known: { log: 'one', number: 130 },
    seen: seen({ own: batch(130, 2), sight: batch(505, 3) }, true)
  })
  t.match(verdict, { is: 'known', restored: { before: undefined, upTo: undefined }, lost: { at: undefined } })
})

t.test('a log that ends before what this host knows is refused, as long as nobody went on with it', async (t) => {
  const refused = (situation: Partial<Parameters<typeof decideMemory>[0]>) =>
    decideMemory({ head, terms, known: undefined, seen: undefined, ...situation })
  t.match(refused({ known: { log: 'two', number: 1 } }), { is: 'refused', cause: /belongs to log two/ })
  t.match(refused({ known: { log: 'one', number: 511 } }), { is: 'refused', cause: /batch 511 .* only batch 510/ })
  t.match(refused({ seen: seen({ sight: batch(511, 3) }) }), { is: 'refused', cause: /saw batch 511/ })
  t.match(refused({ seen: seen({ number: 600 }) }), { is: 'refused', cause: /saw batch 600/ })
  const left = batch(600, 2)
  t.match(refused({ seen: seen({ number: 600, sight: left }) }), { is: 'known', restored: { why: /memory/ } })
})

t.test('an adoption settles once for a line of the log', async (t) => {
  const adopted = (situation: Partial<Parameters<typeof decideMemory>[0]>) => {
    const verdict = decideAdopted({ head, terms, known: undefined, seen: undefined, ...situation })
    return verdict.is === 'known' && verdict.restored !== undefined
  }
  const settled = [...terms.slice(0, 2), term(3, 500, 120, { restored: 'why' })]
  const ahead = { log: 'one', number: 130 }
  const own = seen({ own: batch(130, 2) })
  t.ok(adopted({}), 'a host that knows nothing')
  t.ok(adopted({ known: ahead, seen: own }), 'a host that has what the log went on without')
  t.notOk(adopted({ known: ahead, seen: own, terms: settled }), 'unless that was settled')
  t.ok(adopted({ known: { log: 'one', number: 110 }, terms: settled }), 'but for one that was behind nobody can say')
  t.ok(adopted({ known: { log: 'one', number: 600 }, terms: settled }), 'and one that is ahead again')
  const seenMore = (number: number) => seen({ own: batch(130, 2), sight: batch(number, 3) })
  t.notOk(adopted({ known: ahead, seen: seenMore(505), terms: settled }), 'one that stood by since the settling')
  t.ok(adopted({ known: ahead, seen: seenMore(600), terms: settled }), 'A2: and saw more, which a second restore took')
})

t.test(
  'what a server has that the log went on without is believed only by its mac, and from its address',
  async (t) => {
    const [own, other] = [logKeys(Buffer.alloc(32, 1)), logKeys(Buffer.alloc(32, 2))]
    const lost = { log: 'one', number: 130, from: 500 }
    const text = tellLost('https://a:7443', lost, own)
    t.same(readLost('https://a:7443', text, [other, own]), lost)
    t.equal(readLost('https://b:7443', text, [own]), undefined)
    t.equal(readLost('https://a:7443', text, [other]), undefined)
    t.equal(readLost('https://a:7443', text.replace('130', '131'), [own]), undefined)
    const { from: _, ...nowhere } = lost
    t.equal(readLost('https://a:7443', text.replace(',"from":500', ''), [own]), undefined)
    t.same(readLost('https://a:7443', tellLost('https://a:7443', nowhere, own), [own]), nowhere)
    for (const bad of ['', 'x', '{}', `${text}${' '.repeat(1024)}`])
      t.equal(readLost('https://a:7443', bad, [own]), undefined)
  }
)
