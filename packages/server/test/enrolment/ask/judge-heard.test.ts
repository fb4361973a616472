import { minute, second } from '@joinery/protocol'
import t from 'tap'
import { type Heard, judgeHeard, type LeaseSight } from '../../../src/enrolment/ask/judge-heard.ts'

const now = new Date('2026-06-01T00:00:00.000Z')
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds)
const long = ago(600 * minute)

const cases: [
  what: string,
  since: Date | undefined,
  lease: LeaseSight | undefined,
  firstAsk: number | undefined,
  Heard
][] = [
  ['nobody looked at its Lease, and nobody asked before', long, undefined, undefined, 'not-known-yet'],
  ['nobody knows since when it is Ready', undefined, undefined, undefined, 'not-known-yet'],
  ['somebody asked a moment ago', long, undefined, 2 * minute - 1, 'not-known-yet'],
  ['somebody asked before, and it is Ready still', long, undefined, 2 * minute, 'heard'],
  ['it became Ready just now', ago(minute - 1), undefined, undefined, 'heard'],
  ['it became Ready a minute ago', ago(minute), undefined, undefined, 'not-known-yet'],
  ['its Lease was renewed just now', long, { renewed: now }, undefined, 'not-known-yet'],
  ['its Lease was renewed just now, and somebody asked before', long, { renewed: now }, 2 * minute, 'heard'],
  ['its Lease is as old as it may be', long, { renewed: ago(50 * second) }, undefined, 'not-known-yet'],
  ['its Lease is over', long, { renewed: ago(50 * second + 1) }, undefined, 'silent'],
  ['its Lease is over, whoever asked before', long, { renewed: ago(50 * second + 1) }, 60 * minute, 'silent'],
  ['its Lease is over, and it became Ready just now', ago(0), { renewed: ago(2 * minute) }, undefined, 'silent'],
  ['its Lease is for longer', long, { renewed: ago(100 * second), seconds: 80 }, undefined, 'not-known-yet'],
  ['its longer Lease is over', long, { renewed: ago(100 * second + 1), seconds: 80 }, undefined, 'silent'],
  ['its Lease has a time in the future', long, { renewed: ago(-60 * minute) }, undefined, 'silent'],
  ['its clock is a little ahead', long, { renewed: ago(-20 * second) }, undefined, 'not-known-yet'],
  ['it has no Lease', long, {}, undefined, 'not-known-yet'],
  ['it has no Lease, and somebody asked before', long, {}, 2 * minute, 'heard']
]
for (const [what, since, lease, asked, expected] of cases) {
  t.test(`a Node is ${expected} if ${what}`, async (t) => {
    const firstAsk = asked === undefined ? undefined : ago(asked)
    t.equal(judgeHeard(since === undefined ? {} : { since }, { lease, firstAsk }, now), expected)
  })
}
