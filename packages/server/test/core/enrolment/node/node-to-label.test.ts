import { joiningLabel, startupTaint, states } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { nodeToLabel } from '../../../../src/core/enrolment/node/node-to-label.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const node = aNode('worker-1', { uid: 'n1' })
const enrolment = (part: EnrolmentPart = {}) =>
  anEnrolment(
    'e1',
    {
      state: 'joined',
      name: 'worker-1',
      facts: { machineId: 'm1', productUuid: 'U1' },
      terms: { labels: { rack: 'r7' } },
      join: { attempts: [{}] },
      node: { uid: 'n1' }
    },
    part
  )

const taints = [{ key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }]
const without: EnrolmentDocument = { ...enrolment(), terms: {} }

/** What is the case, the enrolment, the Node, and whether it gets them now. */
const cases: [string, EnrolmentDocument, ClusterNode | undefined, boolean][] = [
  ['a Node that has registered', enrolment(), node, true],
  ['only taints', { ...without, terms: { taints } }, node, true],
  ['only gates', { ...without, terms: { readyWhen: ['condition:A'] } }, node, true],
  ['a code that wants nothing', without, node, false],
  ['no Node', enrolment(), undefined, false],
  ['a Node that has them', enrolment({ join: { labelled: 'n1' } }), node, false],
  ['another Node than the one that had them', enrolment({ join: { labelled: 'n0' } }), node, true],
  [
    'a Node that came again after the enrolment looked',
    enrolment({ join: { labelled: 'n2' } }),
    { ...node, uid: 'n2' },
    false
  ],
  ['a kubelet that has not reported', enrolment(), { ...node, machineId: '' }, false],
  ['another machine id', enrolment(), { ...node, machineId: 'm2' }, false],
  ['another system UUID', enrolment(), { ...node, systemUuid: 'u2' }, false],
  ['a machine without DMI', enrolment(), { ...node, systemUuid: 'm1' }, true]
]

for (const [what, document, seen, gets] of cases) {
  t.test(`${what}: labels and taints are ${gets ? 'set' : 'not set'}`, async (t) => {
    const labelling = nodeToLabel(document, seen)
    t.equal(labelling?.first, gets ? true : undefined)
    t.equal(labelling?.node, gets ? seen : undefined)
  })
}

t.test('the startup taint comes with the taints of a code that has gates', async (t) => {
  const gated = enrolment({ terms: { taints, readyWhen: ['condition:A'] } })
  t.same(nodeToLabel(gated, node)?.allowed.taints, [...taints, startupTaint])
  t.same(nodeToLabel({ ...without, terms: { readyWhen: ['condition:A'] } }, node)?.allowed, {
    labels: {},
    taints: [startupTaint]
  })
  t.same(nodeToLabel(enrolment({ terms: { taints } }), node)?.allowed.taints, taints)
})

t.test('labels and taints are set only in the state joined', async (t) => {
  for (const state of states) t.equal(nodeToLabel(enrolment({ state }), node) !== undefined, state === 'joined', state)
})

const joining: ClusterNode = { ...node, labels: { [joiningLabel]: '', rack: 'r1' } }
const nothing = { labels: {}, taints: [] }

t.test('the mark goes with the labels, or by itself if there are none or it comes again', async (t) => {
  const labelled = nodeToLabel(enrolment(), joining)
  t.match(labelled, { first: true, allowed: { labels: { rack: 'r7' } } })
  t.same(labelled?.refused, nothing)
  const alone = { node: joining, first: false, allowed: nothing, refused: nothing }
  t.same(nodeToLabel(without, joining), alone)
  t.same(nodeToLabel(enrolment({ join: { labelled: 'n1' } }), joining), alone)
  for (const state of states) {
    const seen = nodeToLabel({ ...without, state }, joining) !== undefined
    t.equal(seen, ['joined', 'ready', 'recovering'].includes(state), state)
  }
  t.equal(nodeToLabel(without, { ...joining, machineId: 'm2' }), undefined, 'another machine keeps it, and goes')
  t.equal(nodeToLabel(without, { ...joining, machineId: '' }), undefined, 'who it is is not known yet')
})

t.test('a Node that never had the mark gets only what the cluster lets the server set', async (t) => {
  const evicting = { key: 'maintenance', value: '', effect: 'NoExecute' as const }
  const guarded = 'node-restriction.kubernetes.io/pool'
  const wanted = enrolment({
    terms: { labels: { rack: 'r7', [guarded]: 'a', new: '' }, taints: [...taints, evicting] }
  })
  t.match(nodeToLabel(wanted, { ...node, labels: { rack: 'r1' } }), {
    first: true,
    allowed: { labels: { new: '' }, taints },
    refused: { labels: { rack: 'r7', [guarded]: 'a' }, taints: [evicting] }
  })
})
