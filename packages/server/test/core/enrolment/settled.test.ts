import { states } from '@joinery/protocol'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { isSettled, withSettled } from '../../../src/core/enrolment/settled.ts'
import type { AttemptDocument } from '../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'

const deleted = (part: Partial<AttemptDocument> = {}) => ({ ...anAttempt('aaaaaa'), tokenDeleted: true, ...part })
const node = { uid: 'n1', registered: '2026-01-01T00:00:00.000Z', message: '' }
const stray = { csr: 'csr-a', uid: 'a', serial: '01', node: 'worker-2' }
const certificate = { fingerprint: 'f'.repeat(64), serial: '01' }

const rows: [what: string, settled: boolean, EnrolmentDocument][] = [
  ...states.map((state): (typeof rows)[number] => [
    `one that is ${state} and never claimed`,
    ['failed', 'expired', 'rejected', 'removed'].includes(state),
    anEnrolment('e', { state })
  ]),
  ['its token is gone', true, anEnrolment('e', { state: 'rejected', join: { attempts: [deleted()] } })],
  ['its token may be there', false, anEnrolment('e', { state: 'rejected', join: { attempts: [anAttempt('aaaaaa')] } })],
  [
    'one of its tokens may be there',
    false,
    anEnrolment('e', { state: 'failed', join: { attempts: [anAttempt('a'), deleted()] } })
  ],
  [
    'its CSR is gone',
    true,
    anEnrolment('e', { state: 'failed', join: { attempts: [anAttempt('', { csrDeleted: true })] } })
  ],
  ['removed, and not banned', false, anEnrolment('e', { state: 'removed', join: { attempts: [deleted()] } })],
  [
    'removed and banned',
    true,
    anEnrolment('e', { state: 'removed', certificates: { nameBanned: true }, join: { attempts: [deleted()] } })
  ],
  [
    'it had a certificate, and is not banned',
    false,
    anEnrolment('e', { state: 'rejected', join: { attempts: [deleted({ issued: { serial: '01', since: '' } })] } })
  ],
  [
    'not to be trusted, and not banned',
    false,
    anEnrolment('e', { state: 'failed', certificates: { untrusted: 'why' } })
  ],
  ['its Node is there', false, anEnrolment('e', { state: 'expired', node: { ...node, condition: 'Ready' } })],
  ['its Node is gone', true, anEnrolment('e', { state: 'expired', node: { ...node, condition: 'Gone' } })],
  ['a stray certificate is about', false, anEnrolment('e', { state: 'rejected', certificates: { stray: [stray] } })],
  [
    'the stray certificate is banned',
    true,
    anEnrolment('e', { state: 'rejected', certificates: { stray: [{ ...stray, settled: true }] } })
  ],
  [
    'a lost certificate was not told of',
    false,
    anEnrolment('e', { state: 'failed', join: { attempts: [deleted({ failure: 'no', certificate })] } })
  ],
  [
    'a lost certificate was told of',
    true,
    anEnrolment('e', {
      state: 'failed',
      join: { attempts: [deleted({ failure: 'no', certificate, lostCertificate: true })] }
    })
  ]
]
for (const [what, settled, enrolment] of rows) {
  t.test(`${what}: ${settled ? 'settled' : 'not settled'}`, async (t) => {
    t.equal(isSettled(enrolment), settled)
    t.same(withSettled(enrolment), settled ? { ...enrolment, settled } : enrolment)
    t.same(withSettled({ ...enrolment, settled: true }), settled ? { ...enrolment, settled } : enrolment)
  })
}
