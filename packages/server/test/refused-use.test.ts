import { ProblemError, type TimelineEntry } from '@joinery/protocol'
import t from 'tap'
import { refusedUse } from '../src/enrolments/refused-use.ts'

const now = new Date('2026-01-01T01:00:00Z')
const caller = { key: 'sha256:aa', address: '192.0.2.1' }
const expired = new ProblemError('code-expired', { detail: 'expired at 2026-01-01T00:30:00.000Z' })
const revoked = new ProblemError('code-revoked', { detail: 'revoked at 2026-01-01T00:40:00.000Z' })
const said = refusedUse([], expired, caller, now) as TimelineEntry

t.test('what is said names the reason, the key and the address', async (t) => {
  t.same(said, {
    at: now.toISOString(),
    actor: 'agent',
    event: 'refused',
    detail: 'expired at 2026-01-01T00:30:00.000Z; presented by key sha256:aa from 192.0.2.1',
    alert: false
  })
})

const table: [name: string, refusal: ProblemError, from: typeof caller, again: boolean][] = [
  ['the same key, again', expired, caller, false],
  ['the same key, from elsewhere', expired, { ...caller, address: '192.0.2.2' }, false],
  ['another key', expired, { ...caller, key: 'sha256:bb' }, true],
  ['a key that begins like it', expired, { ...caller, key: 'sha256:a' }, true],
  ['the same key, for another reason', revoked, caller, true]
]

for (const [name, refusal, from, again] of table) {
  t.test(`${name} is ${again ? 'said' : 'not said again'}`, async (t) => {
    t.equal(refusedUse([said], refusal, from, now) !== undefined, again)
  })
}
