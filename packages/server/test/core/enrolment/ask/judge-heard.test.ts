import { minute, second } from '@joinery/protocol'
import t from 'tap'
import { type Heard, judgeHeard, type LeaseSight } from '../../../../src/core/enrolment/ask/judge-heard.ts'

const now = new Date('2026-06-01T00:00:00.000Z')
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds)
const cases: [
  what: string,
  lease: LeaseSight | undefined,
  firstAsk: number | undefined,
  Heard,
  becameReady?: boolean
][] = [
  ['nobody looked at its Lease, and nobody asked before', undefined, undefined, 'not-known-yet'],
  ['somebody asked a moment ago', undefined, 2 * minute - 1, 'not-known-yet'],
  ['somebody asked before, and it is Ready still', undefined, 2 * minute, 'heard'],
  ['it was not Ready when the way back was taken', undefined, undefined, 'heard', true],
  ['it was not Ready when the way back was taken, and renews its Lease', { renewed: now }, undefined, 'heard', true],
  [
    'it was not Ready when the way back was taken, and its Lease is over',
    { renewed: ago(2 * minute) },
    1,
    'silent',
    true
  ],
  ['its Lease was renewed just now', { renewed: now }, undefined, 'not-known-yet'],
  ['its Lease was renewed just now, and somebody asked before', { renewed: now }, 2 * minute, 'heard'],
  ['its Lease is as old as it may be', { renewed: ago(50 * second) }, undefined, 'not-known-yet'],
  ['its Lease is over', { renewed: ago(50 * second + 1) }, undefined, 'silent'],
  ['its Lease is over, whoever asked before', { renewed: ago(50 * second + 1) }, 60 * minute, 'silent'],
  ['its Lease is for longer', { renewed: ago(100 * second), seconds: 80 }, undefined, 'not-known-yet'],
  ['its longer Lease is over', { renewed: ago(100 * second + 1), seconds: 80 }, undefined, 'silent'],
  ['its Lease has a time in the future', { renewed: ago(-60 * minute) }, undefined, 'silent'],
  ['its clock is a little ahead', { renewed: ago(-20 * second) }, undefined, 'not-known-yet'],
  ['it has no Lease', {}, undefined, 'not-known-yet'],
  ['it has no Lease, and somebody asked before', {}, 2 * minute, 'heard']
]
for (const [what, lease, asked, expected, becameReady = false] of cases) {
  t.test(`a Node is ${expected} if ${what}`, async (t) => {
    const firstAsk = asked === undefined ? undefined : ago(asked)
    t.equal(judgeHeard({ lease, firstAsk, becameReady }, now), expected)
  })
}
