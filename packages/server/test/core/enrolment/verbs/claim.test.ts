import type { Check, PreflightPolicy } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { decideClaim } from '../../../../src/core/enrolment/verbs/claim.ts'

const now = new Date('2026-01-10T00:00:00Z')
const approved = anEnrolment('e1', { state: 'approved', name: 'worker-1', join: { lastAttempt: 3 } })

t.test('a claim opens one attempt, and the same claim again changes nothing', async (t) => {
  const decision = decideClaim(approved, { tokenId: 'abc123' }, now)
  t.match(decision?.enrolment, {
    state: 'joining',
    join: {
      attempts: [{ number: 1, tokenId: 'abc123', claimed: now.toISOString(), deadline: '2026-01-10T00:10:00.000Z' }]
    }
  })
  t.equal(decideClaim(decision?.enrolment ?? approved, { tokenId: 'def456' }, now), undefined)
})

t.test('E12: a claim cuts the failures of older attempts, and leaves the last two as they were told', async (t) => {
  const failure = 'x'.repeat(2000)
  const attempts = [1, 2, 3].map((number) => ({
    number,
    tokenId: `abc12${number}`,
    claimed: now.toISOString(),
    deadline: now.toISOString(),
    refusedCsrs: [],
    failure
  }))
  const decision = decideClaim({ ...approved, join: { ...approved.join, attempts } }, { tokenId: 'abc129' }, now)
  t.same(
    decision?.enrolment.join.attempts.map((attempt) => attempt.failure?.length),
    [256, 2000, 2000, undefined]
  )
})

t.test('an attempt for a certificate has a CSR whose name follows from enrolment and number', async (t) => {
  const decision = decideClaim(
    { ...approved, terms: { ...approved.terms, credential: 'certificate' } },
    { tokenId: 'abc123' },
    now
  )
  t.match(decision?.enrolment.join.attempts, [{ number: 1, credentialCsr: 'joinery-e1-1' }])
  t.equal(decision?.enrolment.join.attempts[0]?.tokenId, undefined)
  t.match(decision?.entries, [{ detail: 'attempt 1, CSR joinery-e1-1, until 2026-01-10T00:10:00.000Z' }])
})

t.test('a claim forgets the ban and the held certificate of the attempt before', async (t) => {
  const agentReady = { at: now.toISOString(), certificate: { fingerprint: 'sha256:0', serial: '0A' } }
  const before = {
    ...approved,
    certificates: { ...approved.certificates, nameBanned: true },
    join: { ...approved.join, agentReady }
  }
  t.strictSame(decideClaim(before, { tokenId: 'abc123' }, now), decideClaim(approved, { tokenId: 'abc123' }, now))
})

const fails = { name: 'swap', verdict: 'fail', finding: 'on' } as const
const passes = { ...fails, verdict: 'pass' } as const
const unique = { ...fails, name: 'unique-machine' } as const
const policy = { ignore: ['swap'] }

/** What is the case, what the machine reported last, what its claim says, its code's policy, and whether it is let through. */
const judged: [string, Check[], Check[] | undefined, PreflightPolicy | undefined, boolean][] = [
  ['nothing is known', [], undefined, undefined, true],
  ['the last report fails', [fails], undefined, undefined, false],
  ['the last report passes', [passes], undefined, undefined, true],
  ['the claim fails', [passes], [fails], undefined, false],
  ['the claim passes', [fails], [passes], undefined, true],
  ['the claim fails in what the code ignores', [], [fails], policy, true],
  ['the report fails in what the code ignores', [fails], undefined, policy, true],
  ['the claim fails in something else', [], [fails, { ...fails, name: 'mtu' }], policy, false],
  ['the claim only warns', [], [{ ...fails, verdict: 'warn' }], undefined, true],
  ['the claim only skips', [], [{ ...fails, verdict: 'skipped' }], undefined, true],
  ['the claim fails only in uniqueness, which the server judges', [unique], [unique], undefined, true]
]
for (const [what, reported, preflight, policy, through] of judged) {
  t.test(`if ${what}, a claim is ${through ? 'let through' : 'refused'}`, async (t) => {
    const enrolment = { ...approved, preflight: reported, terms: { ...approved.terms, ...(policy && { policy }) } }
    const claim = () => decideClaim(enrolment, { tokenId: 'abc123', preflight }, now)
    if (!through) return t.throws(claim, { code: 'preflight-failed', text: { remedy: /joinery-agent preflight/ } })
    t.match(claim()?.enrolment, { state: 'joining', preflight: preflight ?? reported })
  })
}
