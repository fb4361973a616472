import { attemptLifetimes, grantLifetime, states } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { joinsNow, requireTurn } from '../../../../src/core/enrolment/facts/cluster.ts'
import { decideGrant, decideGrantOver, sealedFor } from '../../../../src/core/enrolment/verbs/grant.ts'

const now = new Date('2026-01-01T00:00:00.000Z')
const after = (milliseconds: number): Date => new Date(now.getTime() + milliseconds)
const controlPlane = (part: EnrolmentPart = {}, id = 'a') =>
  anEnrolment(id, { role: 'control-plane', state: 'approved', join: { sealKey: 'a.b.c' } }, part)
const asked = { key: 'key of a', sealKey: 'a.b.c', sealed: 'ciphertext' }
const until = after(grantLifetime).toISOString()

t.test('only an approved control plane is granted keys', async (t) => {
  for (const state of states) {
    const grant = () => decideGrant(controlPlane({ state }), asked, now)
    if (state === 'approved') {
      t.match(
        grant(),
        { enrolment: { state, join: { grant: { sealed: 'ciphertext', until } } }, entries: [{ event: 'grant' }] },
        state
      )
    } else t.throws(grant, { code: 'illegal-event' }, state)
  }
  t.throws(() => decideGrant(controlPlane({ role: 'worker' }), asked, now), { code: 'illegal-event' }, 'a worker')
})

t.test('a grant holds only for the key and the seal key that root has read', async (t) => {
  for (const other of [
    { ...asked, key: 'key of b' },
    { ...asked, sealKey: 'a.x.c' }
  ]) {
    t.throws(() => decideGrant(controlPlane(), other, now), { code: 'revision-changed' }, JSON.stringify(other))
  }
  const without = { ...controlPlane(), join: { lastAttempt: 3, attempts: [] } }
  t.throws(() => decideGrant(without, asked, now), { code: 'revision-changed' }, 'of who has none')
})

t.test('a grant ends at its time, to the millisecond, and is not kept', async (t) => {
  const granted = controlPlane({ join: { grant: { sealed: 'ciphertext', until } } })
  t.equal(decideGrantOver(granted, after(grantLifetime - 1)), undefined, 'a millisecond before')
  for (const time of [grantLifetime, grantLifetime + 1]) {
    const over = decideGrantOver(granted, after(time))
    t.match(over?.entries, [{ actor: 'server', event: 'grant-over' }], `after ${time} ms`)
    t.equal(over?.enrolment.join.grant, undefined, `after ${time} ms`)
  }
  t.equal(decideGrantOver(controlPlane(), after(grantLifetime)), undefined, 'where there is none')
  t.equal(sealedFor(granted), 'ciphertext')
  t.throws(() => sealedFor(controlPlane()), { code: 'not-granted' })
})

const lasts = attemptLifetimes['control-plane']
const joining = (part: EnrolmentPart = {}) =>
  controlPlane({
    state: 'joining',
    join: { attempts: [{ ...anAttempt('abc123'), deadline: after(lasts).toISOString() }] },
    ...part
  })

t.test('one control plane joins at a time, until its deadline to the millisecond', async (t) => {
  for (const [time, joins] of [
    [0, true],
    [lasts - 1, true],
    [lasts, false],
    [lasts + 1, false]
  ] as const) {
    t.equal(joinsNow(joining(), after(time)), joins, `after ${time} ms`)
    const take = () => requireTurn(controlPlane({}, 'b'), [joining()], after(time))
    if (joins) t.throws(take, { code: 'control-plane-busy', message: /name-of-a joins/ }, `after ${time} ms`)
    else t.doesNotThrow(take, `after ${time} ms`)
  }
  for (const state of states) {
    t.equal(joinsNow(joining({ state }), now), state === 'joining' || state === 'joined', state)
  }
  t.equal(joinsNow(joining({ role: 'worker' }), now), false, 'a worker holds up nobody')
  t.doesNotThrow(() => requireTurn(joining(), [joining()], now), 'nor does one itself')
})
