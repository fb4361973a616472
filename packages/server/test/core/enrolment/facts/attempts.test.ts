import { states } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import {
  expiryOf,
  failureWords,
  leftovers,
  newAttempt,
  openAttempt,
  shortOlder,
  withAttempt
} from '../../../../src/core/enrolment/facts/attempts.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const now = new Date('2026-01-01T00:00:00.000Z')
const [first, second] = [anAttempt('abc123'), anAttempt('def456', { number: 2 })]
const enrolment = (part: EnrolmentPart = {}) =>
  anEnrolment('e', { state: 'joining', join: { attempts: [first, second] } }, part)

t.test('only the last attempt is open, and only in the state joining', async (t) => {
  for (const state of states)
    t.equal(openAttempt(enrolment({ state })), state === 'joining' ? second : undefined, state)
  t.equal(openAttempt(enrolment({ join: { attempts: [] } })), undefined, 'where there is none')
})

/** Numbers of the attempts whose credential must be gone and may still be there. */
const left: [what: string, part: EnrolmentPart, numbers: number[]][] = [
  ['all but the open one', {}, [1]],
  ['all, if none is open', { state: 'rejected' }, [1, 2]],
  ['all of a ready enrolment', { state: 'ready' }, [1, 2]],
  ['none that is deleted', { state: 'failed', join: { attempts: [{ ...first, tokenDeleted: true }, second] } }, [2]],
  ['no CSR that is deleted', { state: 'failed', join: { attempts: [first, { ...second, csrDeleted: true }] } }, [1]],
  [
    'also an attempt whose token may still be there',
    { state: 'failed', join: { attempts: [{ ...first, tokenDeleted: false }] } },
    [1]
  ],
  ['none of an enrolment that never claimed', { state: 'rejected', join: { attempts: [] } }, []]
]
for (const [what, part, numbers] of left) {
  t.test(`the leftovers of attempts are ${what}`, async (t) => {
    t.same(
      leftovers(enrolment(part)).map(({ number }) => number),
      numbers
    )
  })
}

const hour = 3600_000
const times: [
  what: string,
  role: EnrolmentDocument['role'],
  clusterNow: Date | undefined,
  deadline: number,
  expires: number
][] = [
  ['a worker has ten minutes', 'worker', now, 10, 10],
  ['a control plane has thirty', 'control-plane', now, 30, 30],
  ["its credential goes by the cluster's clock, which is ahead", 'worker', new Date(now.getTime() + hour), 10, 70],
  ["its credential goes by the cluster's clock, which is behind", 'worker', new Date(now.getTime() - hour), 10, -50],
  ["a cluster's clock that is not known is taken for ours", 'worker', undefined, 10, 10]
]
for (const [what, role, clusterNow, deadline, expires] of times) {
  t.test(`a new attempt: ${what}`, async (t) => {
    const attempt = newAttempt(enrolment({ role }), 'fed321', now, { clusterNow })
    t.match(attempt, { number: 3, tokenId: 'fed321', claimed: now.toISOString(), refusedCsrs: { length: 0 } })
    t.equal(Date.parse(attempt.deadline) - now.getTime(), deadline * 60_000)
    t.equal(expiryOf(attempt).getTime() - now.getTime(), expires * 60_000)
  })
}

t.test('a certificate has no token, and a CSR name that follows from enrolment and attempt', async (t) => {
  const attempt = newAttempt(enrolment({ terms: { credential: 'certificate' } }), 'fed321', now)
  t.match(attempt, { credentialCsr: 'joinery-e-3' })
  t.equal(attempt.tokenId, undefined)
})

t.test('an attempt without a time of the cluster ends at its deadline', async (t) => {
  t.same(expiryOf(first), new Date(first.deadline))
})

t.test('a change of one attempt changes nothing else', async (t) => {
  const after = withAttempt(enrolment(), 1, { stage: '[tls]' })
  t.same(after, enrolment({ join: { attempts: [{ ...first, stage: '[tls]' }, second] } }))
  t.same(withAttempt(enrolment(), 7, { stage: '[tls]' }), enrolment(), 'one that there is not')
})

const words: [what: string, part: Partial<AttemptDocument>, said: string][] = [
  ['the server', { failure: 'late', failedBy: 'server' }, 'late'],
  ['the machine', { failure: 'late' }, 'as the machine reports it: late'],
  ['a machine that says to be the server', { failure: 'server: late' }, 'as the machine reports it: server: late']
]
for (const [who, part, said] of words) {
  t.test(`the reason of a failed attempt is the word of ${who}`, async (t) => t.equal(failureWords(part), said))
}

t.test('before a new attempt, older ones keep the beginning of their failure', async (t) => {
  const failure = 'f'.repeat(4000)
  const attempts = [
    { ...first, failure },
    { ...second, failure },
    anAttempt('c', { number: 3 }),
    { ...second, failure }
  ]
  const kept = shortOlder(attempts)
  t.same(
    kept.map((attempt) => attempt.failure?.length),
    [256, 256, undefined, 4000]
  )
  t.equal(kept[2], attempts[2])
})
