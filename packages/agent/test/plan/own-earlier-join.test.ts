import type { KubeletCertificate } from '@joinery/protocol'
import t from 'tap'
import type { Journal } from '../../src/journal/journal.ts'
import type { JoinState, NodeReadiness } from '../../src/machine/port/looking.ts'
import {
  type AcceptedMachine,
  asksForNode,
  isOwnEarlierJoin,
  planAccepted,
  refusesTakingBack
} from '../../src/plan/own-earlier-join.ts'

const certificate: KubeletCertificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '01' }
const other: KubeletCertificate = { ...certificate, serial: '02' }
const joined = { nodeName: 'worker-1', certificate }
const accepted: Journal = { accepted: true, joined }
const earlier: Journal = { joined }
const resetting: Journal = { joined: { ...joined, resetting: true } }
const nothing: JoinState = { unit: 'absent', output: [], bootstrapConf: false, kubeletConf: false }
const identified: JoinState = { ...nothing, kubeletConf: true, certificate }
const ready: NodeReadiness = { ready: true, message: '' }
const gone: NodeReadiness = { ready: false, message: 'no Node' }
const unknown: NodeReadiness = { ready: false, unknown: true, message: 'no answer' }

const at = (part: Partial<AcceptedMachine>): AcceptedMachine => ({ journal: accepted, join: identified, ...part })
const code = 'jny_X'
const steps: [string, AcceptedMachine, { do: string; reason?: RegExp }][] = [
  ['without a code', at({}), { do: 'finish' }],
  ['that was reset, without a code', at({ join: nothing }), { do: 'finish' }],
  ['that was reset, with a new code', at({ join: nothing, code }), { do: 'start-anew' }],
  ['that is Ready, with a new code', at({ code, ownNode: ready }), { do: 'finish' }],
  ['with a new code, and without a Node', at({ code, ownNode: gone }), { do: 'start-anew' }],
  [
    'with a new code and an unknown Node',
    at({ code, ownNode: unknown }),
    {
      do: 'keep',
      reason: /^there is a new code, and whether the Node worker-1 is Ready is not known: no answer; .*reset$/
    }
  ],
  [
    'with a new code, made Ready by an older agent that did not note its Node',
    at({ code, journal: { accepted: true } }),
    { do: 'finish' }
  ]
]
for (const [name, machine, step] of steps) {
  t.test(`an accepted machine ${name} gets the step ${step.do}`, async (t) => t.match(planAccepted(machine), step))
}

t.test('the agent asks for the Node only if a new code meets a join that was accepted', async (t) => {
  t.equal(asksForNode(at({ code })), true)
  for (const part of [{}, { code, join: nothing }, { code, journal: earlier }, { code, journal: { accepted: true } }]) {
    t.equal(asksForNode(at(part)), false, JSON.stringify(part))
  }
})

const attempt = { number: 1, nodeName: 'worker-1', bootId: '' }
const refusals: [string, Parameters<typeof refusesTakingBack>, RegExp | undefined][] = [
  ['the rest of a join whose Node is gone', [earlier, identified, gone], undefined],
  ['the rest of a reset that was cut, with a certificate', [resetting, { ...nothing, certificate }, gone], undefined],
  [
    'the rest of a reset that was cut, without a certificate',
    [resetting, { ...nothing, kubeletConf: true }, undefined],
    undefined
  ],
  ['the join of a Ready node', [earlier, identified, ready], /^the Node worker-1 is Ready$/],
  ['the join of a node that nobody knows of', [earlier, identified, unknown], /is Ready is not known: no answer$/],
  ['a join that this agent did not make', [{}, identified, gone], /^this agent has made no Ready node/],
  ['a join that was accepted', [accepted, identified, gone], /^this machine was not given a new code$/],
  ['an attempt', [{ joined, attempt }, identified, gone], /^attempt 1 is under way$/],
  ['a join that kubeadm is at work on', [earlier, { ...identified, unit: 'running' }, gone], /^kubeadm is at work$/],
  ['a join by another certificate', [earlier, { ...identified, certificate: other }, gone], /^the kubelet has another/],
  [
    'a join by another certificate, in a reset that was cut',
    [resetting, { ...identified, certificate: other }, gone],
    /^the kubelet has/
  ],
  ['a join without a certificate', [earlier, { ...nothing, kubeletConf: true }, undefined], /^the kubelet has another/],
  ['a join without kubelet.conf', [earlier, { ...nothing, certificate }, gone], /^the kubelet has another/],
  [
    'a join that somebody began after a reset that was cut',
    [resetting, { ...nothing, bootstrapConf: true }, undefined],
    /^the kubelet has another/
  ]
]
for (const [what, facts, refusal] of refusals) {
  t.test(`${what} ${refusal ? 'is never taken back' : 'may be taken back'}`, async (t) => {
    if (refusal === undefined) t.equal(refusesTakingBack(...facts), undefined)
    else t.match(refusesTakingBack(...facts), refusal)
  })
}

t.test('preflight says that the agent may take a join back, whatever the Node is', async (t) => {
  for (const [what, [journal, join], refusal] of refusals) {
    if (refusal === undefined) t.equal(isOwnEarlierJoin(journal, join), true, what)
  }
  t.equal(isOwnEarlierJoin(accepted, identified), false)
  t.equal(isOwnEarlierJoin({}, identified), false)
  t.equal(isOwnEarlierJoin(earlier, { ...identified, certificate: other }), false)
})
