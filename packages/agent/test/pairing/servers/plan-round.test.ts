import t from 'tap'
import type { KnownServers } from '../../../src/pairing/servers/known-servers.ts'
import { planRound, rest, silence, type Tried } from '../../../src/pairing/servers/plan-round.ts'

const now = 1_000_000
const tried = (was: Tried['was'], ago: number, silent = false): Tried => ({
  was,
  at: now - ago,
  ...(silent && { silent })
})

/** Servers that may be asked, for they were named twice. */
const proven = (...urls: string[]): KnownServers['learned'] => urls.map((url) => ({ url, named: 0, proven: true }))

const [long, short] = [now - silence, now - silence + 1]

const table: [
  what: string,
  known: KnownServers,
  tries: Record<string, Tried>,
  silentSince: number | undefined,
  round: string[]
][] = [
  ['nothing was tried', { configured: ['a', 'b'], learned: proven('c') }, {}, undefined, ['a', 'b']],
  [
    'the configured ones are silent for a moment',
    { configured: ['a'], learned: proven('c') },
    { a: tried('away', 1) },
    short,
    ['a']
  ],
  [
    'the configured ones only stand by for long',
    { configured: ['a'], learned: proven('c') },
    { a: tried('standby', 1) },
    long,
    ['a', 'c']
  ],
  [
    'one was named only once',
    { configured: ['a'], learned: [{ url: 'c', named: 0, proven: false }] },
    { a: tried('away', 1) },
    long,
    ['a']
  ],
  [
    'the second one stands by',
    { configured: ['a', 'b'], learned: [] },
    { a: tried('away', 10), b: tried('standby', 5) },
    long,
    ['b', 'a']
  ],
  [
    'only a learned one answers',
    { configured: ['a'], learned: proven('b', 'c') },
    { a: tried('away', 10), b: tried('away', 5), c: tried('active', 0) },
    long,
    ['a', 'b', 'c']
  ],
  [
    'the first one is silent, and another one answers',
    { configured: ['a', 'b'], learned: [] },
    { a: tried('away', rest - 1, true), b: tried('standby', 5) },
    long,
    ['b']
  ],
  [
    'the first one was silent for long, and another one answers',
    { configured: ['a', 'b'], learned: [] },
    { a: tried('away', rest, true), b: tried('standby', 5) },
    long,
    ['b', 'a']
  ],
  [
    'all are silent',
    { configured: ['a', 'b'], learned: proven('c') },
    { a: tried('away', 9, true), b: tried('away', 5, true), c: tried('away', 1, true) },
    long,
    ['a', 'b', 'c']
  ],
  [
    'many were learned',
    { configured: ['a'], learned: proven('b', 'c', 'd', 'e', 'f', 'g') },
    { b: tried('away', 1), c: tried('active', 2), d: tried('away', 9), e: tried('away', 8) },
    long,
    ['a', 'f', 'g', 'd', 'e']
  ]
]
for (const [what, known, tries, silentSince, round] of table) {
  t.test(`if ${what}, a round is ${round.join(', ')}`, async (t) => {
    t.same(planRound(known, new Map(Object.entries(tries)), now, silentSince), round)
  })
}
