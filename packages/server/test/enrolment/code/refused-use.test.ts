import type { TimelineEntry } from '@joinery/protocol'
import t from 'tap'
import { type Refusal, refusedUse } from '../../../src/enrolment/code/refused-use.ts'

const now = new Date('2026-01-01T01:00:00Z')
const caller = { key: 'sha256:aa', address: '192.0.2.1' }
const expired: Refusal = { event: 'refused', reason: 'expired at 2026-01-01T00:30:00.000Z' }
const revoked: Refusal = { event: 'refused', reason: 'revoked at 2026-01-01T00:40:00.000Z' }
const quota: Refusal = { event: 'quota', reason: 'all 3 uses are taken' }
const said = refusedUse([], expired, caller, now) as TimelineEntry

t.test('the entry of a refused use names the reason, the key and the address', async (t) => {
  t.same(said, {
    at: now.toISOString(),
    actor: 'agent',
    event: 'refused',
    detail: 'expired at 2026-01-01T00:30:00.000Z; presented by key sha256:aa from 192.0.2.1',
    alert: false
  })
})

const table: [name: string, refusal: Refusal, from: typeof caller, again: boolean][] = [
  ['the same key, again', expired, caller, false],
  ['the same key, from elsewhere', expired, { ...caller, address: '192.0.2.2' }, false],
  ['another key', expired, { ...caller, key: 'sha256:bb' }, true],
  ['a key that begins like it', expired, { ...caller, key: 'sha256:a' }, true],
  ['the same key, for another reason', revoked, caller, true]
]

for (const [name, refusal, from, again] of table) {
  t.test(`${name} is ${again ? 'noted' : 'not noted again'}`, async (t) => {
    t.equal(refusedUse([said], refusal, from, now) !== undefined, again)
  })
}

t.test('a use too many alerts once for each key, and at most ten times', async (t) => {
  const timeline: TimelineEntry[] = [said]
  const knock = (number: number) => {
    const entry = refusedUse(timeline, quota, { ...caller, key: `sha256:${number}` }, now)
    if (entry !== undefined) timeline.push(entry)
    return entry
  }
  t.match(knock(1), { event: 'quota', detail: 'all 3 uses are taken; presented by key sha256:1 from', alert: true })
  t.equal(knock(1), undefined)
  for (let number = 2; number < 30; number += 1) knock(number)
  t.equal(timeline.length, 11)
  t.equal(knock(30), undefined)
})
