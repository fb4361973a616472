import t from 'tap'
import { decideClaim } from '../src/enrolments/claim.ts'
import type { EnrolmentDocument } from '../src/store/store.ts'

const now = new Date('2026-01-10T00:00:00Z')
const approved = {
  state: 'approved',
  role: 'worker',
  name: 'worker-1',
  attempts: [],
  lastAttempt: 3
} as unknown as EnrolmentDocument

t.test('a claim opens one attempt; a claim that is repeated changes nothing', async (t) => {
  const decision = decideClaim(approved, 'abc123', now)
  t.match(decision?.enrolment, {
    state: 'joining',
    attempts: [{ number: 1, tokenId: 'abc123', claimed: now.toISOString(), deadline: '2026-01-10T00:10:00.000Z' }]
  })
  t.equal(decideClaim(decision?.enrolment as EnrolmentDocument, 'def456', now), undefined)
})

t.test('an attempt for a certificate is told by a CSR whose name follows from enrolment and number', async (t) => {
  const decision = decideClaim({ ...approved, id: 'e1', credential: 'certificate' }, 'abc123', now)
  t.match(decision?.enrolment.attempts, [{ number: 1, credentialCsr: 'joinery-e1-1' }])
  t.equal(decision?.enrolment.attempts[0]?.tokenId, undefined)
  t.match(decision?.entries, [{ detail: 'attempt 1, CSR joinery-e1-1, until 2026-01-10T00:10:00.000Z' }])
})

t.test(
  'what came of an attempt before is no more: the ban of its Node, and the certificate that the agent held',
  async (t) => {
    const agentReady = { at: now.toISOString(), certificate: { fingerprint: 'sha256:0', serial: '0A' } }
    const before = { ...approved, certificateBanned: true, agentReady }
    t.strictSame(decideClaim(before, 'abc123', now), decideClaim(approved, 'abc123', now))
  }
)
