import { type OutcomeRequest, type State, states } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import {
  decideAgentReady,
  decideFailed,
  decideNoToken,
  decideProgress
} from '../../../../src/core/enrolment/verbs/outcome.ts'
import type { AttemptDocument } from '../../../../src/core/ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

type Failed = Extract<OutcomeRequest, { outcome: 'failed' }>

const now = new Date('2026-01-01T00:05:00.000Z')
const first: AttemptDocument = anAttempt('abc123', { failure: 'why', closed: true })
const second = anAttempt('def456', { number: 2 })
const enrolment = (part: EnrolmentPart = {}) =>
  anEnrolment('a', { state: 'joining', join: { lastAttempt: 3, attempts: [first, second] } }, part)
const failed = (attempt: number, more: Partial<Failed> = {}): Failed => ({
  outcome: 'failed',
  attempt,
  class: 'machine',
  stage: '[preflight]',
  output: ['error'],
  ...more
})

const fails: [what: string, part: EnrolmentPart, attempt: number, after: State | undefined | 'refused'][] = [
  ['the open attempt, and one is left', {}, 2, 'approved'],
  ['the open attempt, the last one', { join: { lastAttempt: 2 } }, 2, 'failed'],
  ['an earlier attempt, which has failed already', {}, 1, undefined],
  ['an attempt that never was', {}, 3, 'refused'],
  ['an attempt of a machine that has joined since', { state: 'joined' }, 2, 'refused'],
  ['an attempt of a machine that was rejected', { state: 'rejected' }, 2, 'refused'],
  ['an earlier attempt that was never closed', { join: { attempts: [anAttempt('abc123'), second] } }, 1, 'refused']
]
for (const [what, part, attempt, after] of fails) {
  t.test(`a failure of ${what}: ${after ?? 'nothing changes'}`, async (t) => {
    const decide = () => decideFailed(enrolment(part), failed(attempt), now)
    if (after === 'refused') return t.throws(decide, { code: 'illegal-event' })
    const decision = decide()
    t.equal(decision?.enrolment.state, after)
    if (decision === undefined) return
    const failure = 'machine, at: [preflight]\nerror'
    t.match(decision.enrolment.join.attempts.at(-1), { failure, closed: true })
    t.equal(decision.enrolment.join.attempts.at(-1)?.failedBy, undefined, 'in the words of the machine')
    t.same(decision.enrolment.join.attempts[0], first, 'the others stay')
    t.match(decision.entries, [
      { actor: 'agent', event: after === 'failed' ? 'give-up' : 'fail', alert: after === 'failed' }
    ])
  })
}

const lapsed: AttemptDocument = { ...second, failure: 'no Node until the deadline', failedBy: 'server' }
const late: [what: string, state: State, attempt: AttemptDocument, closes: boolean][] = [
  ['after its deadline', 'approved', lapsed, true],
  ['after its deadline, the last one', 'failed', lapsed, true],
  ['twice', 'approved', { ...lapsed, closed: true }, false],
  ['after it was rejected', 'rejected', lapsed, false],
  ['after it was removed', 'removed', lapsed, false],
  ['after it expired', 'expired', lapsed, false]
]
for (const [what, state, attempt, closes] of late) {
  t.test(`a failure that is reported ${what} ${closes ? 'only closes the attempt' : 'changes nothing'}`, async (t) => {
    const before = enrolment({ state, join: { attempts: [first, attempt] } })
    const decision = decideFailed(before, failed(2), now)
    if (!closes) return t.equal(decision, undefined)
    t.same(decision, {
      enrolment: { ...before, join: { ...before.join, attempts: [first, { ...attempt, closed: true }] } },
      entries: []
    })
  })
}

t.test('the lines of one report are an entry each, and those that are known already come once', async (t) => {
  const noted = (before: string[], stage: string, present?: string) =>
    decideProgress(
      enrolment({ join: { attempts: [first, { ...second, ...(present && { stage: present }) }] } }),
      { attempt: 2, stage, before },
      now
    )
  const details = (...of: Parameters<typeof noted>) => noted(...of)?.entries.map(({ detail }) => detail)
  t.same(details(['a', 'b'], 'c'), ['a', 'b', 'c'])
  t.equal(noted(['a', 'b'], 'c')?.enrolment.join.attempts[1]?.stage, 'c')
  t.same(details(['a', 'b'], 'c', 'c'), undefined, 'its answer was lost')
  t.same(details(['a', 'b', 'c'], 'd', 'b'), ['c', 'd'], 'the same, and more was printed since')
  t.same(details(['a'], 'b', 'z'), ['a', 'b'])
})

t.test('the report of a failure is kept in order, the cause first, with the kubelet’s certificate', async (t) => {
  const certificate = { fingerprint: 'sha256:0', serial: '0A' }
  const more = { cause: 'swap is on', remedy: ['swapoff -a'], stage: '', certificate }
  t.match(decideFailed(enrolment(), failed(2, more), now)?.enrolment.join.attempts.at(-1), {
    failure: 'machine: swap is on\nat: the start\nremedy: swapoff -a\nerror',
    held: certificate
  })
})

t.test(
  'the last lines of the agent are kept of the newest failure only, with times by the server’s clock',
  async (t) => {
    const said = [
      { ago: 90, line: 'claiming the credential' },
      { ago: 0, line: 'closing' }
    ]
    const lines = [
      { at: '2026-01-01T00:03:30.000Z', line: 'claiming the credential' },
      { at: now.toISOString(), line: 'closing' }
    ]
    const before = enrolment({ join: { said: { attempt: 1, lines: [{ at: now.toISOString(), line: 'old' }] } } })
    t.same(decideFailed(before, failed(2, { said }), now)?.enrolment.join.said, { attempt: 2, lines })
    const after = enrolment({ state: 'approved', join: { attempts: [first, lapsed] } })
    t.same(
      decideFailed(after, failed(2, { said }), now)?.enrolment.join.said,
      { attempt: 2, lines },
      'after its deadline'
    )
    t.equal(decideFailed(enrolment(), failed(2, { said: [] }), now)?.enrolment.join.said, undefined)
    t.equal(decideFailed(enrolment(), failed(2), now)?.enrolment.join.said, undefined, 'an older agent')
  }
)

const stages: [what: string, part: EnrolmentPart, attempt: number, stage: string, noted: boolean][] = [
  ['the open attempt', {}, 2, '[tls]', true],
  ['an attempt whose Node is there already', { state: 'joined' }, 2, '[tls]', true],
  ['the same stage again', { join: { attempts: [first, { ...second, stage: '[tls]' }] } }, 2, '[tls]', false],
  ['an attempt before', {}, 1, '[tls]', false],
  ['an attempt to come', {}, 3, '[tls]', false],
  ['an attempt that lapsed', { state: 'approved' }, 2, '[tls]', false],
  ['an attempt of a ready machine', { state: 'ready' }, 2, '[tls]', false],
  ['an attempt of a rejected machine', { state: 'rejected' }, 2, '[tls]', false]
]
for (const [what, part, attempt, stage, noted] of stages) {
  t.test(`a stage line of ${what} is ${noted ? 'noted' : 'dropped'}`, async (t) => {
    const decision = decideProgress(enrolment(part), { attempt, stage }, now)
    if (!noted) return t.equal(decision, undefined)
    t.match(decision, {
      enrolment: { join: { attempts: [first, { stage }] } },
      entries: [{ event: 'progress', detail: stage }]
    })
  })
}

const certificate = { fingerprint: 'sha256:0', serial: '0A' }
t.test('an agent may report its node ready from the claim on, and its first report stays', async (t) => {
  for (const state of states) {
    const decide = () => decideAgentReady(enrolment({ state }), certificate, now)
    if (['joining', 'joined', 'ready'].includes(state)) {
      const after = decide()
      t.match(after, { enrolment: { state, join: { agentReady: { at: now.toISOString(), certificate } } } }, state)
      const other = { ...certificate, serial: '0B' }
      t.equal(decideAgentReady(after?.enrolment as EnrolmentDocument, other, now), undefined, `${state}, again`)
    } else t.throws(decide, { code: 'illegal-event' }, state)
  }
})

t.test('a token that could not be made ends only the open attempt, in the words of the server', async (t) => {
  t.match(decideNoToken(enrolment({ join: { lastAttempt: 2 } }), 'refused', now), {
    enrolment: {
      state: 'failed',
      join: { attempts: [first, { failure: 'its token was not made: refused', failedBy: 'server' }] }
    },
    entries: [{ actor: 'server', event: 'give-up', alert: true }]
  })
  for (const state of states.filter((one) => one !== 'joining')) {
    t.equal(decideNoToken(enrolment({ state }), 'refused', now), undefined, state)
  }
})
