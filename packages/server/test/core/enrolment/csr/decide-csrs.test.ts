import { states } from '@joinery/protocol'
import { aCsr } from '@joinery/testing/documents/csr'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { csrToApprove } from '../../../../src/core/enrolment/csr/decide-csrs.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'

const csr = aCsr('csr-1', { uid: 'uid-1' })
const attempt = anAttempt('abc123', { csr: { name: 'csr-1', uid: 'uid-1' } })
const { csr: _, ...without } = attempt

t.test('a committed request is approved only for an open attempt', async (t) => {
  for (const state of states) {
    const enrolment = anEnrolment('e', { state, join: { attempts: [attempt] } })
    t.equal(csrToApprove(enrolment, [csr]), state === 'joining' ? csr : undefined, state)
  }
})

t.test('a machine that joins gets exactly the request of its last attempt approved, once', async (t) => {
  const joining = (...attempts: AttemptDocument[]) => anEnrolment('e', { state: 'joining', join: { attempts } })
  t.equal(csrToApprove(joining(attempt, { ...without, number: 2 }), [csr]), undefined, 'of an attempt before')
  t.equal(csrToApprove(joining(without), [csr]), undefined, 'not committed')
  t.equal(csrToApprove(joining(attempt), [{ ...csr, uid: 'uid-2' }]), undefined, 'another one of its name')
  t.equal(csrToApprove(joining(attempt), [{ ...csr, approved: true }]), undefined, 'approved')
  t.equal(csrToApprove(joining(attempt), [{ ...csr, denied: true }]), undefined, 'denied')
})
