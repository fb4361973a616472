import { kubeletSigner, workerGroup } from '@joinery/kube/names.ts'
import { states } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment.ts'
import t from 'tap'
import type { Csr } from '../../../src/cluster/cluster.ts'
import { csrToApprove } from '../../../src/enrolment/csr/decide-csrs.ts'
import type { AttemptDocument } from '../../../src/store/store.ts'

const csr: Csr = {
  name: 'csr-1',
  uid: 'uid-1',
  created: new Date('2026-01-01T00:00:00Z'),
  username: 'system:bootstrap:abc123',
  groups: ['system:bootstrappers', workerGroup, 'system:authenticated'],
  usages: ['digital signature', 'client auth'],
  signer: kubeletSigner,
  request: '',
  approved: false,
  denied: false
}
const attempt: AttemptDocument = {
  number: 1,
  tokenId: 'abc123',
  claimed: '2026-01-01T00:00:00Z',
  deadline: '2026-01-01T00:10:00Z',
  csr: { name: 'csr-1', uid: 'uid-1' },
  refusedCsrs: []
}
const { csr: _, ...without } = attempt

t.test('a committed request is approved for an open attempt, and in no other state', async (t) => {
  for (const state of states) {
    const enrolment = anEnrolment('e', { state, attempts: [attempt] })
    t.equal(csrToApprove(enrolment, [csr]), state === 'joining' ? csr : undefined, state)
  }
})

t.test('of a machine that joins only the very request of its last attempt is approved, and once', async (t) => {
  const joining = (...attempts: AttemptDocument[]) => anEnrolment('e', { state: 'joining', attempts })
  t.equal(csrToApprove(joining(attempt, { ...without, number: 2 }), [csr]), undefined, 'of an attempt before')
  t.equal(csrToApprove(joining(without), [csr]), undefined, 'not committed')
  t.equal(csrToApprove(joining(attempt), [{ ...csr, uid: 'uid-2' }]), undefined, 'another one of its name')
  t.equal(csrToApprove(joining(attempt), [{ ...csr, approved: true }]), undefined, 'approved')
  t.equal(csrToApprove(joining(attempt), [{ ...csr, denied: true }]), undefined, 'denied')
})
