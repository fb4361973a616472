import { noFacts, type State, states } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { takeAwayNode } from '../../../../src/core/credentials/take-away-node.ts'
import { isDeletable, unwantedNode } from '../../../../src/core/enrolment/node/unwanted-node.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'
import type { Store } from '../../../../src/core/ports/store/store.ts'
import { guardedOver } from '../../../../src/testing/guarded.ts'

const facts = { ...noFacts, machineId: 'm1', productUuid: 'U1' }
const name = 'worker-1'
const enrolment = (part: EnrolmentPart = {}) =>
  anEnrolment('a', { name, facts, state: 'joined', join: { attempts: [anAttempt('abc123')] } }, part)
const node = (part: Partial<ClusterNode> = {}) => aNode(name, { uid: 'n1', ready: 'True', ...part })
const marked = { labels: { 'node-role.kubernetes.io/control-plane': '' } }

/** What becomes of its Node, by its state. */
const byState: Record<State, RegExp | undefined> = {
  pending: undefined,
  approved: undefined,
  joining: undefined,
  joined: undefined,
  ready: undefined,
  recovering: undefined,
  failed: undefined,
  frozen: /appeared for an enrolment that is frozen$/,
  expired: /appeared for an enrolment that is expired$/,
  rejected: /appeared for an enrolment that is rejected$/,
  removed: /appeared for an enrolment that is removed$/
}
const judged = (part: EnrolmentPart, seen: Partial<ClusterNode> = {}) => unwantedNode(enrolment(part), node(seen))

for (const state of states) {
  t.test(`the Node of an enrolment that is ${state} ${byState[state] ? 'goes' : 'may stay'}`, async (t) => {
    const why = judged({ state })
    if (byState[state] === undefined) t.equal(why, undefined)
    else t.match(why, byState[state])
    t.equal(
      judged({ state, join: { attempts: [] } }, { machineId: 'm2' }),
      undefined,
      'who never claimed has no Node of ours'
    )
  })
}

const held = { certificate: { fingerprint: 'sha256:0', serial: '0B' }, at: '' }
const issued = [{ ...anAttempt('abc123'), certificate: { fingerprint: 'sha256:0', serial: '0A' } }]

const machines: [what: string, part: EnrolmentPart, seen: Partial<ClusterNode>, why: RegExp | undefined][] = [
  ['the machine that was approved', {}, {}, undefined],
  ['another machine id', {}, { machineId: 'm2' }, /has machine id m2, but the enrolled machine has m1$/],
  ['another system UUID', {}, { systemUuid: 'u2' }, /has system UUID u2, but the enrolled machine has U1$/],
  ['a UUID in another case', {}, { systemUuid: 'U1' }, undefined],
  ['no DMI: the kubelet gives the machine id', {}, { systemUuid: 'm1' }, undefined],
  ['a machine that showed no UUID', { facts: { ...facts, productUuid: '' } }, { systemUuid: 'u2' }, undefined],
  ['a kubelet that has not reported', {}, { machineId: '', systemUuid: 'u2' }, undefined],
  ['another machine, without an agent', { withoutAgent: true }, { machineId: 'm2' }, undefined],
  ['a name that somebody else may hold', { certificates: { untrusted: 'why' } }, {}, /^why$/],
  [
    'another certificate',
    { join: { agentReady: held, attempts: issued } },
    {},
    /holds certificate 0B, but 0A was issued$/
  ],
  [
    'another certificate of a machine that still joins',
    { state: 'joining', join: { agentReady: held, attempts: issued } },
    {},
    undefined
  ]
]
for (const [what, part, seen, why] of machines) {
  t.test(`a Node ${why ? 'goes' : 'may stay'}: ${what}`, async (t) => {
    if (why === undefined) t.equal(judged(part, seen), undefined)
    else t.match(judged(part, seen), why)
  })
}

t.test("the server deletes only Nodes of workers, by the role and by kubeadm's mark", async (t) => {
  const rows: [EnrolmentDocument['role'], Partial<ClusterNode>, boolean][] = [
    ['worker', {}, true],
    ['worker', marked, false],
    ['control-plane', {}, false],
    ['control-plane', marked, false]
  ]
  for (const [role, seen, is] of rows) t.equal(isDeletable({ role }, node(seen)), is, `${role} ${Object.keys(seen)}`)
})

/** What is asked of the cluster for a Node, in order. */
const askedFor = async (part: EnrolmentPart, named: EnrolmentDocument[] = [], seen = node()) => {
  const asked: unknown[] = []
  const { takingAway } = guardedOver({
    ban: async (banned, reason) => void asked.push(['ban', banned, reason]),
    deleteNode: async ({ uid }) => void asked.push(['deleteNode', uid])
  })
  const store: Pick<Store, 'enrolmentsByName'> = { enrolmentsByName: async () => [enrolment(part), ...named] }
  await takeAwayNode({ store, takingAway }, enrolment(part), seen)
  return asked
}

t.test('a Node belongs to another enrolment if that has claimed its name', async (t) => {
  for (const state of states) {
    const asked = await askedFor({ state: 'removed' }, [anEnrolment('b', { name, state })])
    t.equal(asked.length > 0, !['joining', 'joined', 'ready', 'recovering'].includes(state), state)
  }
})

t.test('in order: a name is banned before its Node is deleted', async (t) => {
  t.match(await askedFor({ state: 'removed' }), [
    ['ban', name, /^enrolment a: /],
    ['deleteNode', 'n1']
  ])
  t.match(await askedFor({ state: 'removed' }, [], node(marked)), [['ban', name]], 'a control plane is banned alone')
  t.same(await askedFor({}), [], 'the right machine')
  t.same(await askedFor({ state: 'removed' }, [anEnrolment('b', { name, state: 'joining' })]), [], 'another one has it')
})
