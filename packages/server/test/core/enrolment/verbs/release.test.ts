import { aConflict, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideRelease } from '../../../../src/core/enrolment/verbs/release.ts'

const now = new Date('2026-01-10T00:00:00Z')
const other = aConflict({ key: 'other', address: '192.0.2.7', at: now.toISOString(), facts: { machineId: 'm2' } })
const frozen = anEnrolment('a', {
  state: 'frozen',
  created: '2026-01-02T00:00:00.000Z',
  key: 'owner',
  name: 'worker-1',
  address: '192.0.2.6',
  facts: { machineId: 'm1' },
  reason: 'why',
  conflict: { seen: [other] }
})

t.test('a release keeps the named key, and remembers the other one', async (t) => {
  t.match(decideRelease(frozen, 'owner', undefined, now).enrolment, { state: 'pending', key: 'owner' })
  t.match(decideRelease(frozen, 'other', undefined, now).enrolment, {
    state: 'pending',
    key: 'other',
    address: '192.0.2.7',
    conflict: { seen: [{ key: 'owner', address: '192.0.2.6' }] }
  })
  t.throws(() => decideRelease(frozen, 'nobody', undefined, now), { code: 'not-found' })
})

t.test('E2: a release to another key keeps no check of the former machine', async (t) => {
  const preflight = [{ name: 'swap', verdict: 'pass', finding: 'off' }] as const
  const known = { ...frozen, preflight: [...preflight] }
  t.same(decideRelease(known, 'other', undefined, now).enrolment.preflight, [], 'nobody approves on another machine')
  t.same(decideRelease(known, 'owner', undefined, now).enrolment.preflight, preflight)
})

t.test('each key keeps the time when it was first seen, through any number of releases', async (t) => {
  const at = '2026-01-05T00:00:00.000Z'
  const twoKeys = { ...frozen, conflict: { ...frozen.conflict, seen: [{ ...other, at }] } }
  const released = decideRelease(twoKeys, 'other', undefined, now).enrolment
  t.match(released, { key: 'other', conflict: { keySeen: at, seen: [{ key: 'owner', at: frozen.created }] } })
  const back = decideRelease({ ...released, state: 'frozen' }, 'owner', undefined, now).enrolment
  t.match(back, { key: 'owner', conflict: { keySeen: frozen.created, seen: [{ key: 'other', at }] } })
})

t.test('a join key goes with its machine, also if the other machine has none', async (t) => {
  const withKeys = {
    ...frozen,
    join: { ...frozen.join, key: 'k1' },
    conflict: { ...frozen.conflict, seen: [{ ...other, joinKey: 'k2' }] }
  }
  t.equal(decideRelease(withKeys, 'owner', undefined, now).enrolment.join.key, 'k1')
  const released = decideRelease(withKeys, 'other', undefined, now).enrolment
  t.match(released, { join: { key: 'k2' }, conflict: { seen: [{ key: 'owner', joinKey: 'k1' }] } })
  const bare = decideRelease({ ...frozen, join: { ...frozen.join, key: 'k1' } }, 'other', undefined, now).enrolment
  t.equal(bare.join.key, undefined, 'never the key of the former owner')
})

t.test('no enrolment goes to a machine that has a newer one', async (t) => {
  const rejected = (created: string) => ({ ...frozen, id: 'b', key: 'other', state: 'rejected', created }) as const
  t.throws(() => decideRelease(frozen, 'other', rejected('2026-01-03T00:00:00.000Z'), now), {
    code: 'illegal-event',
    message: 'the same machine has enrolled again since: b (rejected)'
  })
  t.match(decideRelease(frozen, 'other', rejected('2026-01-01T00:00:00.000Z'), now).enrolment, { key: 'other' })
  t.match(decideRelease(frozen, 'owner', frozen, now).enrolment, { state: 'pending' })
})
