import {
  type Check,
  type ClusterFacts,
  type KubeletCertificate,
  noFacts,
  type Observation,
  preflightLasts,
  type SeenEnrolment,
  type SeenState,
  type State
} from '@joinery/protocol'
import { anOwnEnrolment, aSituation, noJoin } from '@joinery/testing/documents/situation'
import t from 'tap'
import type { Attempt, Journal } from '../../src/journal/journal.ts'
import type { JoinState } from '../../src/machine/port/looking.ts'
import { plan, type Situation } from '../../src/plan/plan.ts'
import { interrupted as interruptedFor } from '../../src/plan/recovery.ts'

const facts = noFacts
const passing: Observation = { facts, preflight: [{ name: 'swap', verdict: 'pass', finding: 'off' }] }
const failing = (name: string): Observation => ({ facts, preflight: [{ name, verdict: 'fail', finding: 'not good' }] })
const mendable = (name: string): Observation => ({
  facts,
  preflight: [{ name, verdict: 'fail', finding: 'not good', mends: 'safe' }]
})
const warning = (part: Partial<Check>): Observation => ({
  facts,
  preflight: [{ name: 'swap', verdict: 'warn', finding: 'comes back', mends: 'safe', ...part }]
})
const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '01' }
const joinedHere: JoinState = { ...noJoin, kubeletConf: true, certificate }
const enrolment = (state: SeenState, attempt = 0) => anOwnEnrolment(state, { attempt })
const interrupted = interruptedFor({})
const begun: Journal = { attempt: { number: 1, nodeName: 'worker-1', bootId: 'this boot' } }
const failure = { class: 'machine', stage: '', output: ['error'] } as const
const closed = (reported?: true, certificate?: KubeletCertificate): Journal => ({
  attempt: {
    number: 1,
    nodeName: 'worker-1',
    bootId: 'this boot',
    failure: { ...failure, output: ['error'] },
    ...(reported && { reported }),
    ...(certificate && { certificate })
  }
})

const leftHere: Check = { name: 'earlier-join', verdict: 'fail', finding: 'left', mends: 'runtime' }
const startsAnew = { journal: { joined: { nodeName: 'worker-1', certificate } }, join: joinedHere }
const atRuntime: Situation['policy'] = { remediate: 'runtime', ignore: [] }

/** A machine that looked at itself a moment ago and knows nothing else. */
const at = (part: Partial<Situation>) => aSituation({ observation: passing, ...part })

const controlPlane = (state: State, part: Partial<SeenEnrolment> = {}): SeenEnrolment => ({
  ...enrolment(state),
  role: 'control-plane',
  ...part
})
const sealed = (observation: Observation): Observation => ({ ...observation, sealKey: 'a.b.c' })
const ready = (part: Partial<Situation>): Situation => at({ observation: sealed(passing), ...part })
const cluster: ClusterFacts = {
  version: 'v1.37.2',
  podSubnets: [],
  serviceSubnets: [],
  controlPlanes: ['192.0.2.1:6443'],
  etcd: 'stacked',
  time: ''
}
const closedMember = (part: Partial<Attempt> = {}): Journal => {
  const { attempt } = closed()
  const member = { controlPlane: { address: '192.0.2.9', etcdHosts: ['192.0.2.1'] } }
  return attempt === undefined ? {} : { attempt: { ...attempt, ...member, ...part } }
}

const cases: [string, Situation, { do: string; [part: string]: unknown }][] = [
  // the way in
  ['a machine that has not looked at itself', withoutObservation(), { do: 'observe' }],
  ['a machine with a code', at({ code: 'jny_X' }), { do: 'enrol', code: 'jny_X' }],
  ['a machine with a code whose preflight fails', at({ code: 'jny_X', observation: failing('swap') }), { do: 'enrol' }],
  ['a machine without a code that has not asked yet', at({}), { do: 'ask' }],
  ['a machine without a code that the server does not know', at({ enrolment: 'none' }), { do: 'need-code' }],
  // waiting
  ['pending', at({ enrolment: enrolment('pending') }), { do: 'wait', seconds: 50, reason: 'it is pending' }],
  [
    'pending with fresh evidence',
    at({ enrolment: enrolment('pending'), unreported: true }),
    { do: 'report-observation' }
  ],
  ['pending for long', at({ enrolment: enrolment('pending'), observationAge: 46_000 }), { do: 'observe' }],
  [
    'pending with a failing preflight',
    at({ enrolment: enrolment('pending'), observation: failing('swap') }),
    { do: 'wait', seconds: 10 }
  ],
  [
    'failing, ten seconds later',
    at({ enrolment: enrolment('pending'), observation: failing('swap'), observationAge: 11_000 }),
    { do: 'observe' }
  ],
  ['frozen', at({ enrolment: enrolment('frozen') }), { do: 'wait' }],
  ['expired', at({ enrolment: enrolment('expired') }), { do: 'wait' }],
  ['failed', at({ enrolment: enrolment('failed', 3) }), { do: 'wait' }],
  ['expired with a new code', at({ enrolment: enrolment('expired'), code: 'jny_X' }), { do: 'enrol' }],
  // a state that a newer server made
  [
    'unknown',
    at({ enrolment: enrolment('unknown') }),
    { do: 'wait', seconds: 50, reason: /^it is unknown; the pairing server is newer than this joinery-agent/ }
  ],
  [
    'unknown, whatever there would be to tell, to ask and to claim',
    at({ enrolment: enrolment('unknown', 1), unreported: true, surveyDue: true, observation: failing('swap') }),
    { do: 'wait', seconds: 50 }
  ],
  [
    'unknown, and an attempt that never started',
    at({ journal: begun, enrolment: enrolment('unknown', 1) }),
    { do: 'wait' }
  ],
  ['unknown with a new code', at({ enrolment: enrolment('unknown'), code: 'jny_X' }), { do: 'enrol' }],
  // asking what only the server can tell
  [
    'pending and never surveyed',
    at({ enrolment: enrolment('pending'), surveyDue: true, unreported: true }),
    { do: 'survey', state: 'pending' }
  ],
  ['approved and never surveyed', at({ enrolment: enrolment('approved'), surveyDue: true }), { do: 'survey' }],
  [
    'approved and never surveyed, while preflight fails',
    at({ enrolment: enrolment('approved'), surveyDue: true, observation: failing('swap') }),
    { do: 'survey' }
  ],
  [
    'joining, the claim being lost, and never surveyed',
    at({ enrolment: enrolment('joining', 1), surveyDue: true }),
    { do: 'survey', state: 'joining' }
  ],
  ['frozen and never surveyed', at({ enrolment: enrolment('frozen'), surveyDue: true }), { do: 'survey' }],
  ['failed and never surveyed', at({ enrolment: enrolment('failed', 3), surveyDue: true }), { do: 'survey' }],
  ['expired: the server tells nothing more', at({ enrolment: enrolment('expired'), surveyDue: true }), { do: 'wait' }],
  ['with a code and never surveyed', at({ code: 'jny_X', surveyDue: true }), { do: 'enrol' }],
  ['never surveyed and not asked yet', at({ surveyDue: true }), { do: 'ask' }],
  ['never surveyed and unknown', at({ enrolment: 'none', surveyDue: true }), { do: 'need-code' }],
  [
    'never surveyed while kubeadm runs',
    at({ journal: begun, join: { ...noJoin, unit: 'running' }, surveyDue: true }),
    { do: 'follow' }
  ],
  // mending
  [
    'a check that the agent may mend',
    at({ observation: mendable('sysctls') }),
    { do: 'mend', checks: mendable('sysctls').preflight, level: 'safe' }
  ],
  [
    'a check that it mended a moment ago in vain',
    at({ observation: mendable('sysctls'), mendAge: 1000 }),
    { do: 'ask' }
  ],
  [
    'a check that it mended a minute ago in vain',
    at({ observation: mendable('sysctls'), mendAge: 61_000 }),
    { do: 'mend', checks: mendable('sysctls').preflight }
  ],
  [
    'a mend that has waited a moment for a package manager',
    at({ observation: mendable('sysctls'), mendAge: 1000, mendWaits: 1000 }),
    { do: 'ask' }
  ],
  [
    'a mend that has waited some seconds for a package manager',
    at({ observation: mendable('sysctls'), mendAge: 6000, mendWaits: 6000 }),
    { do: 'mend' }
  ],
  [
    'a mend before the enrolment that has waited less than a minute for a package manager',
    at({ code: 'jny_X', observation: mendable('sysctls'), mendAge: 1000, mendWaits: 59_000 }),
    { do: 'mend' }
  ],
  [
    'a mend before the enrolment that has waited a minute for a package manager',
    at({ code: 'jny_X', observation: mendable('sysctls'), mendAge: 1000, mendWaits: 60_000 }),
    { do: 'enrol' }
  ],
  ['a check that would fail again after the next boot', at({ observation: warning({}) }), { do: 'mend' }],
  ['a check that does not count', at({ observation: warning({ ignored: true }) }), { do: 'ask' }],
  ['a check of a higher level', at({ observation: warning({ mends: 'runtime' }) }), { do: 'ask' }],
  [
    'a check of a higher level, at that level',
    at({ observation: warning({ mends: 'runtime' }), policy: { remediate: 'runtime', ignore: [] } }),
    { do: 'mend' }
  ],
  [
    'a check that could be mended, by an agent that must mend nothing',
    at({ observation: mendable('sysctls'), policy: { remediate: 'off', ignore: [] } }),
    { do: 'ask' }
  ],
  [
    'a check that could be mended, before the agent knows the policy of its code',
    at({ observation: mendable('sysctls'), policy: { ignore: [] } }),
    { do: 'ask' }
  ],
  [
    'a check that could be mended, with a code whose policy is not known yet',
    at({ code: 'jny_X', observation: mendable('sysctls'), policy: { ignore: [] } }),
    { do: 'enrol' }
  ],
  ['a check that the agent cannot mend', at({ observation: failing('swap') }), { do: 'ask' }],
  // joining
  ['approved', at({ enrolment: enrolment('approved') }), { do: 'claim-and-join' }],
  [
    'approved while preflight fails',
    at({ enrolment: enrolment('approved'), observation: failing('swap') }),
    { do: 'wait', seconds: 10 }
  ],
  [
    'approved again a moment after an attempt failed',
    at({
      enrolment: enrolment('approved', 1),
      nextAttemptIn: 12_300,
      journal: { failures: [{ attempt: 1, failure: { class: 'machine', stage: '', cause: 'swap is on', output: [] } }] }
    }),
    { do: 'wait', seconds: 13, reason: 'attempt 1 failed: swap is on; next try in 13 s' }
  ],
  [
    'approved again, with a pause that is longer than a poll',
    at({ enrolment: enrolment('approved', 1), nextAttemptIn: 300_000 }),
    { do: 'wait', seconds: 50, reason: 'next try in 5 min' }
  ],
  [
    'approved again while preflight fails',
    at({ enrolment: enrolment('approved', 1), nextAttemptIn: 0, observation: failing('swap') }),
    { do: 'wait', seconds: 10, reason: 'it is approved' }
  ],
  [
    'joining while preflight fails: the claim was lost',
    at({ enrolment: enrolment('joining', 2), nextAttemptIn: 12_300 }),
    { do: 'claim-and-join' }
  ],
  ['joining, the claim being lost', at({ enrolment: enrolment('joining', 1) }), { do: 'claim-and-join' }],
  [
    'joining, the claim being lost, on a machine that somebody has joined by hand meanwhile',
    at({ enrolment: enrolment('joining', 1), join: joinedHere, observation: failing('earlier-join') }),
    { do: 'wait', seconds: 10 }
  ],
  ['kubeadm running', at({ journal: begun, join: { ...noJoin, unit: 'running' } }), { do: 'follow', attempt: 1 }],
  [
    'kubeadm running, and the last look at the machine is old',
    at({ journal: begun, join: { ...noJoin, unit: 'running' }, observationAge: 46_000 }),
    { do: 'follow', attempt: 1 }
  ],
  [
    'begun and never started, with a look that is just good enough',
    at({ journal: begun, enrolment: enrolment('joining', 1), observationAge: preflightLasts }),
    { do: 'claim-and-join' }
  ],
  [
    'begun and never started, with a look that is a millisecond too old',
    at({ journal: begun, enrolment: enrolment('joining', 1), observationAge: preflightLasts + 1 }),
    { do: 'observe' }
  ],
  [
    'kubeadm running while the agent was restarted',
    at({ journal: begun, join: { ...noJoin, unit: 'running' }, code: 'jny_X' }),
    { do: 'follow' }
  ],
  ['kubeadm failed', at({ journal: begun, join: { ...noJoin, unit: 'failed' } }), { do: 'close' }],
  [
    'kubeadm failed after the kubelet had its certificate',
    at({ journal: begun, join: { ...joinedHere, unit: 'failed' } }),
    { do: 'await-node', nodeName: 'worker-1', certificate }
  ],
  [
    'kubeadm succeeded',
    at({ journal: begun, join: { ...joinedHere, unit: 'succeeded' } }),
    { do: 'await-node', nodeName: 'worker-1', certificate }
  ],
  // what an agent or a machine that died left behind
  ['died between journal and kubeadm, not asked yet', at({ journal: begun }), { do: 'ask' }],
  [
    'died between journal and kubeadm',
    at({ journal: begun, enrolment: enrolment('joining', 1) }),
    { do: 'claim-and-join' }
  ],
  [
    'died between journal and kubeadm, with a look that is too old',
    at({ journal: begun, enrolment: enrolment('joining', 1), observationAge: 121_000 }),
    { do: 'observe' }
  ],
  [
    'died between journal and kubeadm, and the server is at another attempt',
    at({ journal: begun, enrolment: enrolment('joining', 2) }),
    { do: 'close', failure: interrupted }
  ],
  [
    'rebooted in the middle of kubeadm',
    at({ journal: begun, bootId: 'next boot' }),
    { do: 'close', failure: interrupted }
  ],
  [
    'rebooted before the kubelet had a certificate',
    at({ journal: begun, bootId: 'next boot', join: { ...noJoin, kubeletConf: true } }),
    { do: 'close', failure: interrupted }
  ],
  [
    'rebooted after the kubelet had its certificate',
    at({ journal: begun, bootId: 'next boot', join: joinedHere }),
    { do: 'await-node' }
  ],
  [
    'closed, not reported',
    at({ journal: closed() }),
    { do: 'report-failed', attempt: 1, failure: { ...failure, output: ['error'] } }
  ],
  ['closed and reported', at({ journal: closed(true) }), { do: 'reset' }],
  [
    'closed just when the kubelet had its certificate, and reported',
    at({ journal: closed(true, certificate), join: joinedHere }),
    { do: 'reset' }
  ],
  [
    'closed and reported, on a machine that somebody has joined by hand since',
    at({ journal: closed(true), join: joinedHere, observation: failing('earlier-join') }),
    { do: 'ask' }
  ],
  // the end
  ['ready and acknowledged', at({ journal: { accepted: true }, join: joinedHere }), { do: 'finish' }],
  [
    'ready and acknowledged, after a reboot',
    at({ journal: { accepted: true }, join: joinedHere, bootId: 'next boot' }),
    { do: 'finish' }
  ],
  [
    'ready once, reset since, with a new code',
    at({ journal: { accepted: true }, code: 'jny_X' }),
    { do: 'start-anew' }
  ],
  [
    'ready once, with a new code and without its Node',
    at({
      journal: { accepted: true, joined: { nodeName: 'worker-1', certificate } },
      join: joinedHere,
      code: 'jny_X',
      ownNode: { ready: false, message: 'no Node' },
      enrolment: enrolment('rejected')
    }),
    { do: 'start-anew' }
  ],
  [
    'starting again over the rest of its earlier join',
    at({ ...startsAnew, observation: { facts, preflight: [leftHere] }, code: 'jny_X' }),
    { do: 'enrol' }
  ],
  [
    'starting again at the level that takes the rest back, with a code',
    at({ ...startsAnew, observation: { facts, preflight: [leftHere] }, code: 'jny_X', policy: atRuntime }),
    { do: 'enrol' }
  ],
  [
    'starting again, enrolled',
    at({
      ...startsAnew,
      observation: { facts, preflight: [leftHere] },
      policy: atRuntime,
      enrolment: enrolment('pending')
    }),
    { do: 'mend', checks: [leftHere] }
  ],
  [
    'starting again, frozen',
    at({
      ...startsAnew,
      observation: { facts, preflight: [leftHere] },
      policy: atRuntime,
      enrolment: enrolment('frozen')
    }),
    { do: 'wait' }
  ],
  [
    'starting again, after somebody took the code away',
    at({ ...startsAnew, observation: { facts, preflight: [leftHere] }, policy: atRuntime, enrolment: 'none' }),
    { do: 'need-code' }
  ],
  ['rejected', at({ enrolment: enrolment('rejected') }), { do: 'give-up', reason: 'it is rejected' }],
  ['removed', at({ enrolment: enrolment('removed') }), { do: 'give-up' }],
  [
    'rejected in the middle of kubeadm',
    at({ journal: begun, join: { ...noJoin, unit: 'running' }, enrolment: enrolment('rejected', 1) }),
    { do: 'close' }
  ],
  ['rejected and closed', at({ journal: closed(), enrolment: enrolment('rejected', 1) }), { do: 'give-up' }],
  // a control plane
  ['pending, before it has a seal key', at({ enrolment: controlPlane('pending') }), { do: 'observe' }],
  [
    'pending, with its seal key',
    ready({ enrolment: controlPlane('pending') }),
    { do: 'wait', reason: 'it is pending' }
  ],
  [
    'approved, and nothing is known of its cluster',
    ready({ enrolment: controlPlane('approved', { granted: true }) }),
    { do: 'wait', seconds: 10, reason: /waiting to hear of the cluster/ }
  ],
  [
    'approved, without its images',
    ready({ enrolment: controlPlane('approved'), cluster }),
    { do: 'pull-images', images: { version: 'v1.37.2', etcd: 'stacked' } }
  ],
  [
    'approved, while preflight fails: nothing is pulled',
    ready({ enrolment: controlPlane('approved', { granted: true }), cluster, observation: sealed(failing('swap')) }),
    { do: 'wait', seconds: 10 }
  ],
  [
    'approved, and not granted',
    ready({ enrolment: controlPlane('approved'), cluster, imagesHere: true }),
    { do: 'wait', seconds: 50, reason: 'waiting for root on a control-plane host to run: joinery grant worker-1' }
  ],
  [
    'approved, and the grant is over',
    ready({ enrolment: controlPlane('approved', { granted: false }), cluster, imagesHere: true }),
    { do: 'wait', reason: /joinery grant/ }
  ],
  [
    'granted',
    ready({ enrolment: controlPlane('approved', { granted: true }), cluster, imagesHere: true }),
    { do: 'claim-and-join' }
  ],
  [
    'granted, without its images',
    ready({ enrolment: controlPlane('approved', { granted: true }), cluster }),
    { do: 'pull-images' }
  ],
  [
    'granted, soon after an attempt that failed',
    ready({ enrolment: controlPlane('approved', { granted: true }), cluster, imagesHere: true, nextAttemptIn: 5000 }),
    { do: 'wait', seconds: 5 }
  ],
  [
    'a control plane, joining, the claim being lost',
    ready({ enrolment: controlPlane('joining'), cluster, imagesHere: true }),
    { do: 'claim-and-join' }
  ],
  [
    'a control plane, rejected and closed',
    ready({ journal: closedMember(), enrolment: controlPlane('rejected') }),
    { do: 'leave-etcd' }
  ],
  [
    'a control plane, rejected and out of etcd',
    ready({ journal: closedMember({ leftEtcd: true }), enrolment: controlPlane('rejected') }),
    { do: 'report-failed' }
  ],
  [
    'a control plane, rejected, and the server knows: its keys go',
    ready({ journal: closedMember({ leftEtcd: true, reported: true }), enrolment: controlPlane('rejected') }),
    { do: 'reset' }
  ],
  [
    'a control plane, rejected, that somebody has joined since',
    ready({
      journal: closedMember({ leftEtcd: true, reported: true }),
      join: joinedHere,
      enrolment: controlPlane('rejected')
    }),
    { do: 'give-up' }
  ],
  ['rejected, with a new code', at({ enrolment: enrolment('rejected'), code: 'jny_X' }), { do: 'enrol' }]
]

for (const [name, situation, step] of cases) {
  t.test(`${name}: ${step.do}`, async (t) => {
    t.match(plan(situation), step)
  })
}

t.test('a join that this agent did not begin is never reset', async (t) => {
  const strangers: Partial<Situation>[] = [
    {},
    { enrolment: enrolment('approved') },
    { enrolment: enrolment('failed', 3) }
  ]
  for (const part of strangers) t.not(plan(at({ ...part, join: joinedHere })).do, 'reset', JSON.stringify(part))
})

function withoutObservation(): Situation {
  const { observation: _, ...blank } = at({ observationAge: Number.POSITIVE_INFINITY })
  return blank
}
