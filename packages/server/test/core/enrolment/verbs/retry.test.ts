import { ProblemError, type State } from '@joinery/protocol'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideRetry } from '../../../../src/core/enrolment/verbs/approve.ts'

const now = new Date('2026-01-10T00:00:00Z')
const shown = { revision: 4, key: 'k' }
const evidence = { address: '10.0.0.7', facts: { addresses: ['10.0.0.7', '192.168.5.7'] } }
const enrolment = (id: string, state: State) =>
  anEnrolment(id, { state, ...shown, ...evidence, name: 'worker-1', reason: 'why', join: { attempts: [{}, {}] } })

t.test('a failed enrolment is approved again, and an expired one waits again, with three more attempts', async (t) => {
  const table: [from: State, to: State][] = [
    ['failed', 'approved'],
    ['expired', 'pending']
  ]
  for (const [from, to] of table) {
    const own = enrolment('a', from)
    const { enrolment: retried, entries } = decideRetry(own, shown, own, now)
    t.match(retried, { state: to, since: now.toISOString(), join: { lastAttempt: 5 } }, from)
    t.notOk('reason' in retried, from)
    t.same(retried.approval.addresses, ['10.0.0.7', '192.168.5.7'], 'it covers what was shown')
    t.match(entries, [{ actor: 'operator', event: 'retry', detail: `from ${from}, revision 4, key k` }], from)
  }
})

t.test('an enrolment is not retried if its machine has a newer one', async (t) => {
  const table: [newest: State, code: string, remedy: string][] = [
    ['pending', 'already-enrolled', 'decide about that one: joinery show b'],
    ['frozen', 'already-enrolled', 'decide about that one: joinery show b'],
    ['ready', 'already-enrolled', 'decide about that one: joinery show b'],
    ['failed', 'illegal-event', 'retry that one: joinery retry b'],
    ['expired', 'illegal-event', 'retry that one: joinery retry b'],
    ['rejected', 'illegal-event', 'give the machine a new code: joinery code create --name worker-1'],
    ['removed', 'illegal-event', 'give the machine a new code: joinery code create --name worker-1']
  ]
  for (const from of ['expired', 'failed'] as const) {
    for (const [newest, code, remedy] of table) {
      const detail = `the same machine has enrolled again since: b (${newest})`
      t.throws(
        () => decideRetry(enrolment('a', from), shown, enrolment('b', newest), now),
        new ProblemError(code as 'illegal-event', { detail, remedy }),
        `${from}, then ${newest}`
      )
    }
  }
})

t.test('an enrolment that neither expired nor failed is not retried, whatever came after it', async (t) => {
  t.throws(() => decideRetry(enrolment('a', 'rejected'), shown, enrolment('b', 'pending'), now), {
    code: 'illegal-event',
    message: 'retry is not possible: the enrolment of worker-1 is rejected'
  })
})

t.test('a retry covers only what was shown, as an approval does', async (t) => {
  const own = enrolment('a', 'failed')
  for (const other of [
    { ...shown, revision: 3 },
    { ...shown, key: 'another' }
  ]) {
    t.throws(() => decideRetry(own, other, own, now), { code: 'revision-changed' }, JSON.stringify(other))
  }
})

t.test('an enrolment that tried sixty times takes no further attempts', async (t) => {
  const failed = enrolment('a', 'failed')
  const own = {
    ...failed,
    join: {
      ...failed.join,
      attempts: Array.from({ length: 60 }, (_, index) => anAttempt(`token${index}`, { number: index + 1 }))
    }
  }
  t.throws(() => decideRetry(own, shown, own, now), {
    code: 'illegal-event',
    text: { remedy: 'joinery code create --name worker-1' }
  })
  const once = { ...own, join: { ...own.join, attempts: own.join.attempts.slice(1) } }
  t.match(decideRetry(once, shown, once, now), { enrolment: { state: 'approved', join: { lastAttempt: 62 } } })
})
