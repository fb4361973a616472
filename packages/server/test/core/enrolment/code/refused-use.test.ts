import type { TimelineEntry } from '@joinery/protocol'
import t from 'tap'
import { type Refusal, refusedUse } from '../../../../src/core/enrolment/code/refused-use.ts'

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

const later = new Date('2026-01-01T02:00:00Z')
const table: [name: string, refusal: Refusal, from: typeof caller, noted: object | undefined][] = [
  ['the same key, again', expired, caller, undefined],
  ['the same key, from elsewhere', expired, { ...caller, address: '192.0.2.2' }, undefined],
  ['another key', expired, { ...caller, key: 'sha256:bb' }, { at: said.at, count: 2, last: later.toISOString() }],
  ['a key that begins like it', expired, { ...caller, key: 'sha256:a' }, { at: said.at, count: 2 }],
  ['the same key, for another reason', revoked, caller, { at: later.toISOString(), count: undefined }]
]

for (const [name, refusal, from, noted] of table) {
  t.test(`${name} is ${noted === undefined ? 'not noted again' : 'noted'}`, async (t) => {
    t.match(refusedUse([said], refusal, from, later), noted as never)
  })
}

t.test(
  'B4: refusals of one reason are one entry that counts them and names the last key, whatever name it asked for',
  async (t) => {
    const named = (name: string): Refusal => ({ event: 'refused', reason: 'another code names the name', name })
    let timeline: TimelineEntry[] = [said]
    for (let number = 1; number <= 30; number += 1) {
      const from = { ...caller, key: `sha256:${number}` }
      const entry = refusedUse(timeline, named(`db-${number}`), from, later) as TimelineEntry
      timeline = [said, entry]
    }
    t.match(timeline[1], {
      detail: 'another code names the name; presented by key sha256:30 from 192.0.2.1, which asked for db-30',
      count: 30
    })
  }
)

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
