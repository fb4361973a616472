import { type Check, states } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideApprove, decideRetry } from '../../../../src/core/enrolment/verbs/approve.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-10T00:00:00.000Z')
const enrolment = (part: EnrolmentPart = {}) =>
  anEnrolment(
    'a',
    {
      revision: 9,
      approval: { shownAt: 4 },
      reason: 'why',
      join: { attempts: [anAttempt('abc123')] }
    },
    part
  )
const shown = { revision: 4, key: 'key of a' }
const approve = (before: EnrolmentDocument, by = shown, preflight: Check[] = []) =>
  decideApprove(before, by, preflight, now)
/** As a document may have it of an approval before. */
const evidence = {
  at: '2026-01-02T00:00:00.000Z',
  ...shown,
  name: 'x',
  address: 'y',
  facts: enrolment().facts,
  preflight: []
}

t.test('a pending enrolment is approved with three attempts, a closed code and the shown evidence', async (t) => {
  const fails: Check = { name: 'swap', verdict: 'fail', finding: 'on' }
  const passes: Check = { ...fails, name: 'mtu', verdict: 'pass' }
  const decision = approve(enrolment({ approval: { evidence }, conflict: { borrowed: ['x'] } }), shown, [fails, passes])
  const after = decision?.enrolment ?? enrolment()
  t.match(after, {
    state: 'approved',
    since: now.toISOString(),
    conflict: { codeClosed: now.toISOString() },
    join: { lastAttempt: 4 },
    approval: {
      addresses: ['192.0.2.1'],
      evidence: { at: now.toISOString(), ...shown, name: 'name-of-a', address: '192.0.2.1' }
    }
  })
  t.same(after.approval.evidence?.preflight, [fails], 'of the preflight what did not pass')
  t.same([after.reason, after.conflict.borrowed], [undefined, undefined], 'what was said of an approval before is past')
  t.match(decision?.entries, [
    { actor: 'operator', event: 'approve', detail: 'revision 4, key key of a, while preflight fails', alert: false }
  ])
})

const others: [what: string, by: typeof shown][] = [
  ['the revision before', { ...shown, revision: 3 }],
  ['the revision after', { ...shown, revision: 5 }],
  ['the revision of the document, which nobody was shown', { ...shown, revision: 9 }],
  ['another key', { ...shown, key: 'key of b' }]
]
for (const [what, by] of others) {
  t.test(`a person approves only what was shown: not ${what}`, async (t) => {
    t.throws(() => approve(enrolment(), by), { code: 'revision-changed', text: { remedy: /joinery show name-of-a/ } })
    t.throws(
      () => decideRetry(enrolment({ state: 'failed' }), by, undefined, now),
      { code: 'revision-changed' },
      'retry'
    )
    const before = enrolment({ state: 'approved', approval: { evidence } })
    t.throws(() => approve(before, by), { code: 'illegal-event' }, 'nor is it a repetition of another approval')
  })
}

t.test('only a pending enrolment is approved, and the same approval again changes nothing', async (t) => {
  for (const state of states) {
    const again = () => approve(enrolment({ state, approval: { evidence } }))
    const anew = () => approve(enrolment({ state }))
    if (state === 'pending') t.equal(anew()?.enrolment.state, 'approved', state)
    else t.throws(anew, { code: 'illegal-event' }, `${state}, and never approved so`)
    if (['approved', 'joining', 'joined', 'ready'].includes(state)) t.equal(again(), undefined, state)
    else if (state === 'pending') t.match(again()?.enrolment, { state: 'approved' }, 'taken back since')
    else t.throws(again, { code: 'illegal-event' }, state)
  }
})

t.test('a control plane is approved only if the keys of the cluster can be sealed to it', async (t) => {
  const before = enrolment({ role: 'control-plane' })
  t.throws(() => approve(before), { code: 'illegal-event', message: /has not sent the key/ })
  t.equal(approve({ ...before, join: { ...before.join, sealKey: 'a.b.c' } })?.enrolment.state, 'approved')
  t.equal(approve(enrolment())?.enrolment.state, 'approved', 'of a worker none is asked')
})

t.test('a closed code keeps the time of its closing', async (t) => {
  const codeClosed = '2026-01-03T00:00:00.000Z'
  t.equal(approve(enrolment({ conflict: { codeClosed } }))?.enrolment.conflict.codeClosed, codeClosed)
})

t.test('a pruned enrolment is not retried, because it has no evidence left', async (t) => {
  for (const state of ['failed', 'expired'] as const) {
    const before = enrolment({ state, pruned: now.toISOString() })
    t.throws(
      () => decideRetry(before, shown, undefined, now),
      { code: 'illegal-event', message: /the evidence of .* is deleted/ },
      state
    )
  }
})
