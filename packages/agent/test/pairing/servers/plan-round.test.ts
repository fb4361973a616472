import t from 'tap'
import { type KnownServers, withNamed } from '../../../src/pairing/servers/known-servers.ts'
import { planRound, rest, type Tried } from '../../../src/pairing/servers/plan-round.ts'

const now = 1_000_000
const tried = (was: Tried['was'], ago: number, silent = false): Tried => ({
  was,
  at: now - ago,
  ...(silent && { silent })
})

const table: [what: string, known: KnownServers, tries: Record<string, Tried>, round: string[]][] = [
  ['nothing was tried', { configured: ['a', 'b'], learned: ['c'] }, {}, ['a', 'b', 'c']],
  [
    'the second one stands by',
    { configured: ['a', 'b'], learned: [] },
    { a: tried('away', 10), b: tried('standby', 5) },
    ['b', 'a']
  ],
  [
    'only a learned one answers',
    { configured: ['a'], learned: ['b', 'c'] },
    { a: tried('away', 10), b: tried('away', 5), c: tried('active', 0) },
    ['a', 'b', 'c']
  ],
  [
    'the first one is silent, and another one answers',
    { configured: ['a', 'b'], learned: [] },
    { a: tried('away', rest - 1, true), b: tried('standby', 5) },
    ['b']
  ],
  [
    'the first one was silent for long, and another one answers',
    { configured: ['a', 'b'], learned: [] },
    { a: tried('away', rest, true), b: tried('standby', 5) },
    ['b', 'a']
  ],
  [
    'all are silent',
    { configured: ['a', 'b'], learned: ['c'] },
    { a: tried('away', 9, true), b: tried('away', 5, true), c: tried('away', 1, true) },
    ['a', 'b', 'c']
  ],
  [
    'many were learned',
    { configured: ['a'], learned: ['b', 'c', 'd', 'e', 'f', 'g'] },
    { b: tried('away', 1), c: tried('active', 2), d: tried('away', 9), e: tried('away', 8) },
    ['a', 'f', 'g', 'd', 'e']
  ]
]
for (const [what, known, tries, round] of table) {
  t.test(`if ${what}, a round is ${round.join(', ')}`, async (t) => {
    t.same(planRound(known, new Map(Object.entries(tries)), now), round)
  })
}

const url = (number: number): string => `https://192.0.2.${number}:7443`

t.test('what a server names comes first, the oldest go, and what is known already is not moved', async (t) => {
  const known: KnownServers = { configured: [url(0)], learned: [url(1), url(2)] }
  t.equal(withNamed(known, [url(2), url(0), url(1)]), known, 'the same object')
  t.same(withNamed(known, [url(3), url(1)]).learned, [url(3), url(1), url(2)])
  const named = Array.from({ length: 16 }, (_, index) => url(10 + index))
  const after = withNamed(known, named)
  t.same(after, { configured: [url(0)], learned: named })
})

t.test('a server of the configuration is known in any spelling', async (t) => {
  const known: KnownServers = { configured: ['https://CP-1.example:443'], learned: [] }
  t.equal(withNamed(known, ['https://cp-1.example']), known)
})
