import t from 'tap'
import { decideClaim } from '../src/enrolments/claim.ts'
import type { EnrolmentDocument } from '../src/store/store.ts'

const now = new Date('2026-01-10T00:00:00Z')
const approved = { state: 'approved', name: 'worker-1', attempts: [], lastAttempt: 3 } as unknown as EnrolmentDocument

t.test('a claim opens one attempt; a claim that is repeated changes nothing', async (t) => {
  const decision = decideClaim(approved, 'abc123', now)
  t.match(decision?.enrolment, {
    state: 'joining',
    attempts: [{ number: 1, tokenId: 'abc123', claimed: now.toISOString(), deadline: '2026-01-10T00:10:00.000Z' }]
  })
  t.equal(decideClaim(decision?.enrolment as EnrolmentDocument, 'def456', now), undefined)
})

t.test(
  'what came of an attempt before is no more: the ban of its Node, and the certificate that the agent held',
  async (t) => {
    const agentReady = { at: now.toISOString(), certificate: { fingerprint: 'sha256:0', serial: '0A' } }
    const before = { ...approved, banned: true, agentReady }
    t.strictSame(decideClaim(before, 'abc123', now), decideClaim(approved, 'abc123', now))
  }
)
