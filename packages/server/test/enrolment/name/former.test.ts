import t from 'tap'
import { formerOf } from '../../../src/enrolment/name/former.ts'
import type { EnrolmentDocument } from '../../../src/store/store.ts'

const csr = { name: 'csr-1', uid: 'u' }
const enrolment = (id: string, part: object = {}) =>
  ({ id, state: 'removed', attempts: [{ csr }], ...part }) as EnrolmentDocument
const waits = enrolment('new', { state: 'pending', attempts: [] })
const former = (...others: EnrolmentDocument[]) => formerOf(waits, [...others, waits])

t.test('the newest enrolment whose machine may hold a certificate is told of, with the latest expiry', async (t) => {
  const attempts = [
    { csr, certificateExpires: '2027-01-02T00:00:00.000Z' },
    { csr, certificateExpires: '2027-01-01T00:00:00.000Z' }
  ]
  t.same(former(enrolment('a'), enrolment('b', { attempts })), {
    enrolment: 'b',
    certificateExpires: '2027-01-02T00:00:00.000Z'
  })
  t.same(former(enrolment('a')), { enrolment: 'a' }, 'its expiry is not known')
  t.same(former(enrolment('a', { attempts: [{ issued: { serial: '0A', since: '' } }] })), { enrolment: 'a' })
})

t.test('nobody is, where none was given out, or the machine is in the cluster', async (t) => {
  t.equal(former(), undefined)
  t.equal(former(enrolment('a', { attempts: [{}] })), undefined)
  t.equal(former(enrolment('a', { state: 'ready' })), undefined)
})

t.test('from the claim on it is past', async (t) => {
  for (const state of ['joining', 'joined', 'ready'] as const) {
    t.equal(formerOf({ ...waits, state }, [enrolment('a')]), undefined, state)
  }
})
