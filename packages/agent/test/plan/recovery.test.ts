import type { KubeletCertificate, SeenEnrolment } from '@joinery/protocol'
import t from 'tap'
import type { Attempt, Failure } from '../../src/journal/journal.ts'
import type { JoinState, NodeReadiness } from '../../src/machine/port/looking.ts'
import { type BegunJoin, interrupted, recover, refusesLeaving, refusesReset } from '../../src/plan/recovery.ts'

const certificate: KubeletCertificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '01' }
const other: KubeletCertificate = { ...certificate, serial: '02' }
const failure: Failure = { class: 'machine', stage: '', cause: 'swap is on', remedy: ['swapoff -a'], output: [] }
const controlPlane = { address: '192.0.2.9', etcdHosts: ['192.0.2.1'] }
const begun: Attempt = { number: 2, nodeName: 'worker-1', bootId: 'boot' }
const closed: Attempt = { ...begun, failure }
const reported: Attempt = { ...closed, reported: true }
const nothing: JoinState = { unit: 'absent', output: [], bootstrapConf: false, kubeletConf: false }
const credential: JoinState = { ...nothing, bootstrapConf: true }
const started: JoinState = { ...credential, kubeletConf: true }
const identified: JoinState = { ...nothing, kubeletConf: true, certificate }
const open = (attempt: number, state: SeenEnrolment['state'] = 'joining'): SeenEnrolment => ({
  id: '1',
  revision: 3,
  state,
  name: 'worker-1',
  role: 'worker',
  attempt,
  message: ''
})
const at = (part: Partial<BegunJoin>): BegunJoin => ({ attempt: begun, sameBoot: true, join: nothing, ...part })

const follow = { do: 'follow', attempt: 2 }
const goOn = { do: 'await-node', nodeName: 'worker-1', certificate }
const close = { do: 'close', failure: undefined }
const closeInterrupted = { do: 'close', failure: interrupted({}) }

const cases: [string, BegunJoin, { do: string; [part: string]: unknown } | undefined][] = [
  // kubeadm at work
  ['kubeadm is at work', at({ join: { ...nothing, unit: 'running' } }), follow],
  ['kubeadm is at work, and the kubelet has its certificate', at({ join: { ...identified, unit: 'running' } }), follow],
  // killed, or failed: the unit remembers
  ['killed before it wrote anything', at({ join: { ...nothing, unit: 'failed' } }), close],
  ['killed when the credential was on the disk', at({ join: { ...credential, unit: 'failed' } }), close],
  ['killed when the kubelet had been started', at({ join: { ...started, unit: 'failed' } }), close],
  [
    'killed when the kubelet had its certificate and the credential was still there',
    at({ join: { ...identified, bootstrapConf: true, unit: 'failed' } }),
    goOn
  ],
  ['failed when all was done', at({ join: { ...identified, unit: 'failed' } }), goOn],
  [
    'failed with a certificate, and without kubelet.conf',
    at({ join: { ...nothing, certificate, unit: 'failed' } }),
    close
  ],
  ['succeeded', at({ join: { ...identified, unit: 'succeeded' } }), goOn],
  [
    'succeeded, and somebody took the certificate away since',
    at({ join: { ...nothing, unit: 'succeeded' } }),
    { do: 'close', failure: { class: 'machine', cause: /no certificate/ } }
  ],
  // the server is newer than the agent: what has begun goes on, and what has not waits
  [
    'not started, in a state that nobody knows here',
    at({ enrolment: open(2, 'unknown') }),
    { do: 'wait', seconds: 50 }
  ],
  [
    'kubeadm is at work, in a state that nobody knows here',
    at({ join: { ...nothing, unit: 'running' }, enrolment: open(2, 'unknown') }),
    follow
  ],
  [
    'all was done, in a state that nobody knows here',
    at({ join: { ...identified, unit: 'succeeded' }, enrolment: open(2, 'unknown') }),
    goOn
  ],
  [
    'power cut, in a state that nobody knows here',
    at({ sameBoot: false, join: credential, enrolment: open(2, 'unknown') }),
    closeInterrupted
  ],
  // a power cut: the unit has forgotten, the disk decides
  ['power cut before anything was written', at({ sameBoot: false }), closeInterrupted],
  ['power cut with the credential on the disk', at({ sameBoot: false, join: credential }), closeInterrupted],
  ['power cut when the kubelet had been started', at({ sameBoot: false, join: started }), closeInterrupted],
  [
    'power cut with a certificate, but kubelet.conf is empty',
    at({ sameBoot: false, join: { ...credential, certificate } }),
    closeInterrupted
  ],
  [
    'power cut when the kubelet had its certificate',
    at({ sameBoot: false, join: { ...identified, bootstrapConf: true } }),
    goOn
  ],
  ['power cut when all was done', at({ sameBoot: false, join: identified }), goOn],
  [
    'power cut in the middle: the journal tells how far it came at least',
    at({
      sameBoot: false,
      attempt: { ...begun, phases: [{ name: 'preflight', stage: '[preflight] Running', ended: false }] }
    }),
    { do: 'close', failure: { class: 'transient', stage: '[preflight] Running', cause: /power cut/ } }
  ],
  // the agent died between journal and kubeadm
  ['journalled and never started, the server not asked yet', at({}), { do: 'ask' }],
  ['journalled and never started, the attempt open', at({ enrolment: open(2) }), { do: 'claim-and-join' }],
  ['journalled and never started, another attempt open', at({ enrolment: open(3) }), closeInterrupted],
  ['journalled and never started, the attempt over', at({ enrolment: open(2, 'approved') }), closeInterrupted],
  ['journalled and never started, the server knows nothing', at({ enrolment: 'none' }), closeInterrupted],
  // closed
  ['closed', at({ attempt: closed }), { do: 'report-failed', attempt: 2, failure }],
  ['closed before a reboot', at({ attempt: closed, sameBoot: false }), { do: 'report-failed' }],
  ['reported', at({ attempt: reported, join: { ...credential, bootstrapConf: false } }), { do: 'reset' }],
  ['reported before a reboot', at({ attempt: reported, sameBoot: false }), { do: 'reset' }],
  [
    'reported, closed just when the kubelet had its certificate',
    at({ attempt: { ...reported, certificate }, join: identified }),
    { do: 'reset' }
  ],
  ['reported, and somebody has joined the machine since', at({ attempt: reported, join: identified }), undefined],
  [
    'reported, and somebody has joined the machine again since',
    at({ attempt: { ...reported, certificate }, join: { ...identified, certificate: other } }),
    undefined
  ],
  // of a control plane
  ['a control plane, closed: first it leaves etcd', at({ attempt: { ...closed, controlPlane } }), { do: 'leave-etcd' }],
  [
    'a control plane, closed before a reboot',
    at({ attempt: { ...closed, controlPlane }, sameBoot: false }),
    { do: 'leave-etcd' }
  ],
  [
    'a control plane that the server knows to have failed, as it was late',
    at({ attempt: { ...reported, controlPlane } }),
    { do: 'leave-etcd' }
  ],
  [
    'a control plane that is out of etcd',
    at({ attempt: { ...closed, controlPlane, leftEtcd: true } }),
    { do: 'report-failed' }
  ],
  [
    'a control plane with external etcd',
    at({ attempt: { ...closed, controlPlane: { address: '192.0.2.9' } } }),
    { do: 'report-failed' }
  ],
  [
    'a control plane that put nothing on the machine',
    at({ attempt: { ...closed, controlPlane, untouched: true } }),
    { do: 'report-failed' }
  ],
  [
    'a control plane, reported and out of etcd',
    at({ attempt: { ...reported, controlPlane, leftEtcd: true } }),
    { do: 'reset' }
  ],
  [
    'a control plane that somebody has joined since: its member is theirs',
    at({ attempt: { ...closed, controlPlane }, join: identified }),
    { do: 'report-failed' }
  ],
  [
    'a control plane whose keys were placed, and kubeadm not started',
    at({ attempt: { ...begun, controlPlane }, enrolment: open(2) }),
    { do: 'claim-and-join' }
  ],
  [
    'a control plane whose keys were placed before a power cut',
    at({ attempt: { ...begun, controlPlane }, sameBoot: false, enrolment: open(2) }),
    closeInterrupted
  ]
]

for (const [name, leftovers, step] of cases) {
  t.test(`${name}: ${step?.do ?? 'nothing is left to do'}`, async (t) => {
    if (step === undefined) t.equal(recover(leftovers), undefined)
    else t.match(recover(leftovers), step)
  })
}

t.test('the promises hold, whatever is left', async (t) => {
  const attempts = [
    begun,
    closed,
    reported,
    { ...reported, certificate },
    { ...reported, controlPlane },
    { ...reported, controlPlane, leftEtcd: true as const }
  ]
  const units = ['absent', 'running', 'succeeded', 'failed'] as const
  const enrolments = [undefined, 'none', open(2), open(3), open(2, 'approved'), open(2, 'unknown')] as const
  const joins = units.flatMap((unit) =>
    [true, false].flatMap((kubeletConf) =>
      [undefined, certificate, other].map(
        (held): JoinState => ({ ...nothing, unit, kubeletConf, ...(held && { certificate: held }) })
      )
    )
  )
  const sets = attempts.flatMap((attempt) =>
    [true, false].flatMap((sameBoot) =>
      joins.flatMap((join) =>
        enrolments.map((enrolment): BegunJoin => ({ attempt, sameBoot, join, ...(enrolment && { enrolment }) }))
      )
    )
  )
  t.equal(sets.length, 1728)
  for (const left of sets) {
    const broken = brokenPromise(left, recover(left)?.do)
    if (broken !== undefined) t.fail(`${broken}: ${JSON.stringify(left)}`)
  }
})

/** What must not be done with what is left, whatever it is; undefined if the step does none of it. */
const brokenPromise = ({ attempt, sameBoot, join }: BegunJoin, step: string | undefined): string | undefined => {
  const { unit, kubeletConf, certificate: held } = join
  const identity = kubeletConf && held !== undefined
  const promises: [string, broken: unknown][] = [
    ['with a member of etcd', step === 'reset' && attempt.controlPlane && !attempt.leftEtcd],
    ['reset', step === 'reset' && (!attempt.reported || held?.serial !== attempt.certificate?.serial)],
    ['joined twice', step === 'claim-and-join' && identity],
    ['closed', step === 'close' && (attempt.failure || unit === 'running')],
    ['an identity is thrown away', step === 'close' && identity],
    ['left to itself', step === 'wait' && (unit !== 'absent' || !sameBoot)],
    ['forgotten', step === undefined && !attempt.reported]
  ]
  return promises.find(([, broken]) => broken)?.[0]
}

const down: NodeReadiness = { ready: false, message: 'KubeletNotReady' }
const refusals: [string, Parameters<typeof refusesReset>, RegExp | undefined][] = [
  ['a failed attempt that was reported, without a Node', [reported, nothing, undefined], undefined],
  ['an attempt whose Node is not Ready', [{ ...reported, certificate }, identified, down], undefined],
  ['a machine on which this agent began nothing', [undefined, nothing, undefined], /^this agent began no join here$/],
  ['an attempt that has not failed', [begun, nothing, undefined], /^attempt 2 has not failed$/],
  [
    'a control plane that may be a member of etcd',
    [{ ...reported, controlPlane }, nothing, undefined],
    /^this machine may still be a member of etcd$/
  ],
  [
    'a control plane that is out of etcd',
    [{ ...reported, controlPlane, leftEtcd: true }, nothing, undefined],
    undefined
  ],
  ['an attempt that the server does not know of', [closed, nothing, undefined], /^the server does not know yet/],
  [
    'an attempt whose kubeadm is at work',
    [reported, { ...nothing, unit: 'running' }, undefined],
    /^kubeadm is at work$/
  ],
  [
    'a machine that somebody has joined since',
    [reported, identified, down],
    /^somebody has joined this machine since$/
  ],
  [
    'a machine that was joined again since',
    [{ ...reported, certificate }, { ...identified, certificate: other }, down],
    /^somebody has joined/
  ],
  [
    'a Ready node',
    [{ ...reported, certificate }, identified, { ready: true, message: '' }],
    /^the Node worker-1 is Ready$/
  ],
  [
    'a node that nobody can ask whether it is Ready',
    [{ ...reported, certificate }, identified, { ready: false, unknown: true, message: 'no answer' }],
    /^whether the Node worker-1 is Ready is not known: no answer$/
  ]
]
for (const [what, facts, refusal] of refusals) {
  t.test(`${what} ${refusal ? 'is never reset' : 'may be reset'}`, async (t) => {
    if (refusal === undefined) t.equal(refusesReset(...facts), undefined)
    else t.match(refusesReset(...facts), refusal)
  })
}

t.test('the agent does not leave etcd if it would not reset, unless only the report is missing', async (t) => {
  for (const [what, facts, refusal] of refusals) {
    if (/does not know yet|may still be a member/.test(String(refusal)))
      t.equal(refusesLeaving(...facts), undefined, what)
    else if (refusal === undefined) t.equal(refusesLeaving(...facts), undefined, what)
    else t.match(refusesLeaving(...facts), refusal, what)
  }
})
