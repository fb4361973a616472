import { type State, states } from '@joinery/protocol'
import { aConflict, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import {
  closeCode,
  decideCodeRevoked,
  decideOtherMachine,
  decideSecondKey
} from '../../../../src/core/enrolment/decision/conflict.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-10T00:00:00Z')
const enrolment = (part: EnrolmentPart = {}) => anEnrolment('a', { key: 'owner', code: 'c' }, part)
const knock = (key = 'other') => aConflict({ key, address: '192.0.2.7', facts: { machineId: 'm2' } })
const second = (before: EnrolmentDocument, key?: string) => decideSecondKey(before, knock(key), 'why', now)

const codeClosed = '2026-01-09T00:00:00.000Z'

/** What is the case, the enrolment, and the state after a second key; undefined: nothing of it changes. */
const cases: [string, EnrolmentPart, State | undefined][] = [
  ['pending', {}, 'frozen'],
  ['pending, its code closed', { conflict: { codeClosed } }, 'pending'],
  ['pending again, approved by a server of before this was kept', { approval: { addresses: [] } }, 'pending'],
  ['approved by such a server', { state: 'approved' }, 'approved'],
  ['joining', { state: 'joining', conflict: { codeClosed } }, 'joining'],
  ['frozen', { state: 'frozen' }, 'frozen'],
  ['joined', { state: 'joined' }, 'joined'],
  ['ready', { state: 'ready' }, 'ready'],
  ['failed', { state: 'failed' }, 'failed'],
  ['rejected', { state: 'rejected' }, undefined],
  ['removed', { state: 'removed', conflict: { codeClosed } }, undefined],
  ['expired', { state: 'expired' }, undefined]
]

for (const [what, part, after] of cases) {
  t.test(`a second key, while the enrolment is ${what}: ${after ?? 'nothing changes'}`, async (t) => {
    const decision = second(enrolment(part))
    t.equal(decision?.enrolment.state, after)
    if (decision === undefined) return
    t.match(decision.entries, [{ event: 'conflict', detail: 'why', alert: true }])
    t.same(second(decision.enrolment), undefined, 'the same one again is no news')
  })
}

t.test('further keys alert at most ten times', async (t) => {
  let present = enrolment({ conflict: { codeClosed } })
  const alerts = Array.from({ length: 20 }, (_, index) => {
    const decision = second(present, `key ${index}`)
    present = decision?.enrolment ?? present
    return decision
  }).filter(Boolean)
  t.equal(alerts.length, 10)
})

t.test('E4: a second key freezes after ten conflicts too, and the newest ten are kept', async (t) => {
  const conflicts = Array.from({ length: 10 }, (_, index) => knock(`key ${index}`))
  const after = second(enrolment({ conflict: { seen: conflicts } }), 'the eleventh')
  t.match(after?.enrolment, { state: 'frozen' })
  t.same(
    after?.enrolment.conflict.seen.map(({ key }) => key),
    [...conflicts.slice(1).map(({ key }) => key), 'the eleventh']
  )
})

t.test('one key with two machines freezes also if the code is closed', async (t) => {
  const after = decideOtherMachine(
    enrolment({ state: 'approved', conflict: { codeClosed } }),
    knock('owner'),
    'why',
    now
  )
  t.match(after?.enrolment, { state: 'frozen', reason: 'why' })
})

t.test('a closed code keeps its time, and a revocation changes no state', async (t) => {
  t.equal(closeCode(enrolment(), now).conflict.codeClosed, now.toISOString())
  t.equal(closeCode(enrolment({ conflict: { codeClosed } }), now).conflict.codeClosed, codeClosed)
  for (const state of states) {
    const { enrolment: after, entries } = decideCodeRevoked(enrolment({ state }), 'operator', now)
    t.match(after, { state, conflict: { codeClosed: now.toISOString() } }, state)
    t.match(entries, [{ actor: 'operator', event: 'revoke', detail: 'code c', alert: false }], state)
  }
  const detail = 'code c: its Code was deleted in Kubernetes'
  t.match(decideCodeRevoked(enrolment(), 'cluster', now).entries, [{ actor: 'cluster', event: 'revoke', detail }])
})
