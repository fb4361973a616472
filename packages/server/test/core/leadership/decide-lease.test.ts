import t from 'tap'
import {
  decideLease,
  type LeaseAct,
  type LeaseSituation,
  leaseTimes,
  released,
  untilOver
} from '../../../src/core/leadership/decide-lease.ts'
import type { LeaseSpec, SeenLease } from '../../../src/core/leadership/lease-objects.ts'

const wall = new Date('2026-11-27T12:00:00.000Z')
const acquired = '2026-11-27T10:00:00.000Z'
const own = { holder: 'b', address: 'https://b:7443' }

const lease = (change: Partial<LeaseSpec> = {}): SeenLease => ({
  version: '7',
  spec: {
    holder: 'a',
    term: 3,
    renewed: '2026-11-27T11:00:00.000Z',
    acquired,
    seconds: 12,
    address: 'https://a:7443',
    ...change
  }
})

const situation = (change: Partial<LeaseSituation>): LeaseSituation => ({
  sight: { seen: lease(), since: 1_000 },
  now: 1_000,
  wall,
  own,
  held: undefined,
  sinceRenewal: 0,
  highest: 3,
  tried: undefined,
  isBarred: false,
  ...change
})

/** What was decided, in few words. */
const short = (act: LeaseAct): string => {
  if (act.act === 'wait') return `wait ${act.milliseconds}`
  if (act.act === 'give-up') return `give-up: ${act.reason}`
  return `${act.act} term ${act.lease.term} over ${act.version}`
}

const standby: [what: string, change: Partial<LeaseSituation>, expected: string][] = [
  ['a Lease that was just seen', {}, 'wait 12000'],
  ['a Lease that did not change for 12 s, less a millisecond', { now: 12_999 }, 'wait 1'],
  ['a Lease that did not change for 12 s', { now: 13_000 }, 'take term 4 over 7'],
  ['the same, by a server that must not be the active one', { now: 13_000, isBarred: true }, 'wait 2000'],
  [
    'a Lease that was released, by a server that must not be the active one',
    { sight: { seen: lease({ holder: '', seconds: 1 }), since: 1_000 }, isBarred: true },
    'wait 2000'
  ],
  [
    'its own Lease, whose answer was lost before it heard that it must not be the active one',
    { sight: { seen: lease({ holder: 'b', acquired }), since: 1_000 }, tried: { term: 3, acquired }, isBarred: true },
    'wait 2000'
  ],
  [
    'a Lease whose own time is an hour old, and that changed now',
    { sight: { seen: lease({ renewed: '2026-11-27T11:00:00.000Z' }), since: 5_000 }, now: 5_000 },
    'wait 12000'
  ],
  [
    'a Lease whose own time is in the next year, and that did not change',
    { sight: { seen: lease({ renewed: '2027-11-27T11:00:00.000Z' }), since: 0 }, now: 12_000 },
    'take term 4 over 7'
  ],
  [
    'no Lease, since now: it may have been deleted under its holder',
    { sight: { seen: undefined, since: 1_000 }, highest: 0 },
    'wait 12000'
  ],
  [
    'no Lease for 12 s',
    { sight: { seen: undefined, since: 1_000 }, now: 13_000, highest: 0 },
    'take term 1 over undefined'
  ],
  [
    'no Lease for 12 s, after a term of 3',
    { sight: { seen: undefined, since: 1_000 }, now: 13_000 },
    'take term 4 over undefined'
  ],
  [
    'a Lease that its holder released',
    { sight: { seen: lease({ holder: '', seconds: 1 }), since: 1_000 } },
    'take term 4 over 7'
  ],
  [
    'a Lease whose holder somebody emptied by hand',
    { sight: { seen: lease({ holder: '' }), since: 1_000 } },
    'wait 12000'
  ],
  ['a Lease of one second that has a holder', { sight: { seen: lease({ seconds: 1 }), since: 1_000 } }, 'wait 12000'],
  [
    'a Lease whose term somebody lowered',
    { sight: { seen: lease({ term: 1 }), since: 0 }, now: 12_000 },
    'take term 4 over 7'
  ],
  [
    'a Lease with the last term that there is',
    { sight: { seen: lease({ term: 2 ** 31 - 1 }), since: 0 }, now: 12_000, highest: 2 ** 31 - 1 },
    'wait 2000'
  ],
  [
    'a Lease with the term before the last one',
    { sight: { seen: lease({ term: 2 ** 31 - 2 }), since: 0 }, now: 12_000, highest: 2 ** 31 - 2 },
    'take term 2147483647 over 7'
  ],
  [
    'a Lease whose term somebody lowered by more than a step',
    { sight: { seen: lease({ term: 1 }), since: 0 }, now: 12_000, highest: 5_000 },
    'take term 1001 over 7'
  ],
  [
    'no Lease for 12 s, after a term to which nobody counts',
    { sight: { seen: undefined, since: 1_000 }, now: 13_000, highest: 2 ** 31 - 1 },
    'take term 1 over undefined'
  ],
  [
    'no Lease for 12 s, after the highest term with which one is made',
    { sight: { seen: undefined, since: 1_000 }, now: 13_000, highest: 2 ** 30 - 1 },
    'take term 1073741824 over undefined'
  ],
  [
    'a Lease of a newer version, which lasts longer',
    { sight: { seen: lease({ seconds: 30 }), since: 0 }, now: 12_000 },
    'wait 18000'
  ],
  [
    'a Lease that would last for a year',
    { sight: { seen: lease({ seconds: 31_536_000 }), since: 0 }, now: 12_000 },
    'wait 48000'
  ],
  [
    'a Lease with no number of seconds',
    { sight: { seen: lease({ seconds: Number.NaN }), since: 0 }, now: 12_000 },
    'take term 4 over 7'
  ],
  ['the own id, written by hand', { sight: { seen: lease({ holder: 'b' }), since: 1_000 } }, 'wait 12000'],
  [
    'the own id with another term than was tried',
    { sight: { seen: lease({ holder: 'b' }), since: 1_000 }, tried: { term: 2, acquired } },
    'wait 12000'
  ],
  [
    'the own id, written by hand into the Lease that came before',
    { sight: { seen: lease({ holder: 'b' }), since: 1_000 }, tried: { term: 3, acquired: '2026-11-27T10:00:01.000Z' } },
    'wait 12000'
  ],
  [
    'the own Lease, whose answer was lost',
    { sight: { seen: lease({ holder: 'b' }), since: 1_000 }, tried: { term: 3, acquired } },
    'renew term 3 over 7'
  ]
]

t.test('a server that stands by', async (t) => {
  for (const [what, change, expected] of standby) t.equal(short(decideLease(situation(change))), expected, what)
})

const mine = { seen: lease({ holder: 'b' }), since: 0 }
const active: [what: string, change: Partial<LeaseSituation>, expected: string][] = [
  ['its own Lease', {}, 'renew term 3 over 7'],
  ['its own Lease, a millisecond before it gives up', { sinceRenewal: 7_999 }, 'renew term 3 over 7'],
  ['its own Lease, at 8 s', { sinceRenewal: 8_000 }, 'give-up: the Lease could not be renewed for 8 s'],
  ['a clock that cannot be read', { sinceRenewal: Number.NaN }, 'give-up: the Lease could not be renewed for 8 s'],
  ['the Lease of another server', { sight: { seen: lease(), since: 0 } }, 'give-up: a has the Lease'],
  ['no Lease', { sight: { seen: undefined, since: 0 } }, 'give-up: the Lease was deleted'],
  ['an emptied Lease', { sight: { seen: lease({ holder: '' }), since: 0 } }, 'give-up: somebody emptied the Lease'],
  [
    'a lowered term',
    { sight: { seen: lease({ holder: 'b', term: 2 }), since: 0 } },
    'give-up: somebody changed the term of the Lease from 3 to 2'
  ],
  [
    'a raised term',
    { sight: { seen: lease({ holder: 'b', term: 9 }), since: 0 } },
    'give-up: somebody changed the term of the Lease from 3 to 9'
  ],
  [
    'another address, written by hand',
    { sight: { seen: lease({ holder: 'b', address: 'https://evil' }), since: 0 } },
    'renew term 3 over 7'
  ]
]

t.test('the active server', async (t) => {
  for (const [what, change, expected] of active) {
    t.equal(short(decideLease(situation({ sight: mine, held: 3, now: 50_000, ...change }))), expected, what)
  }
})

t.test('a renewal keeps the term and the time of the take, and puts back the rest', async (t) => {
  const seen = lease({ holder: 'b', address: 'https://evil', seconds: 99 })
  t.match(decideLease(situation({ sight: { seen, since: 0 }, held: 3 })), {
    lease: { ...own, term: 3, acquired: seen.spec.acquired, renewed: wall.toISOString(), seconds: 12 }
  })
})

t.test('a renewal is a change, also if the wall clock stands still: others would see none', async (t) => {
  const seen = lease({ holder: 'b', renewed: wall.toISOString() })
  const act = decideLease(situation({ sight: { seen, since: 0 }, held: 3 }))
  t.match(act, { act: 'renew', lease: { renewed: '2026-11-27T12:00:00.001Z' } })
})

t.test('a released Lease is taken at once, and has its term still', async (t) => {
  const spec = released(lease({ holder: 'b' }), wall)
  t.match(spec, { holder: '', term: 3 })
  t.equal(
    short(decideLease(situation({ sight: { seen: { version: '8', spec }, since: 1_000 } }))),
    'take term 4 over 8'
  )
})

t.test('a holder gives up long before another server takes its Lease', async (t) => {
  t.ok(leaseTimes.giveUpAfter + 4_000 <= leaseTimes.lasts)
  t.ok(leaseTimes.renewEach * 3 < leaseTimes.giveUpAfter, 'three renewals in a row may fail')
})

const quiet: [what: string, since: number, looked: number, now: number, left: number | undefined][] = [
  ['renewed a moment ago', 10_000, 10_000, 10_500, undefined],
  ['renewed as late as one may be seen whose holder lives', 10_000, 14_000, 14_499, undefined],
  ['not renewed for longer', 10_000, 14_000, 14_500, 7_500],
  ['over', 10_000, 22_000, 22_000, 0],
  ['over for a while', 10_000, 30_000, 30_000, 0],
  ['not renewed, by a server that could not look since', 10_000, 12_000, 16_500, undefined]
]
for (const [what, since, looked, now, left] of quiet) {
  t.test(`a Lease that is ${what} is over in ${left} ms`, async (t) => {
    t.equal(untilOver({ seen: lease(), since }, looked, now), left)
  })
}

t.test('a Lease that says more than 12 s is over when it says so', async (t) => {
  t.equal(untilOver({ seen: lease({ seconds: 20 }), since: 0 }, 5_000, 5_000), 15_000)
})
