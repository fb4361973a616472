import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { halfJoinedNode } from '../../../../src/core/enrolment/node/unwanted-node.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'

const controlPlane: EnrolmentPart = {
  role: 'control-plane',
  state: 'approved',
  since: '2026-01-01T00:10:00.000Z',
  name: 'cp-2',
  facts: { machineId: 'm1' },
  join: { attempts: [{ closed: true }] }
}
const node = aNode('cp-2', { uid: 'n1', created: new Date('2026-01-01T00:05:00Z'), systemUuid: 'm1' })

const cases: [what: string, goes: boolean, enrolment: EnrolmentPart, node: Partial<ClusterNode>][] = [
  ['of an attempt that failed', true, {}, {}],
  ['of the last attempt', true, { state: 'failed' }, {}],
  ['of a kubelet that never reported', true, {}, { machineId: '' }],
  ['of an attempt that is open', false, { state: 'joining' }, {}],
  ['of an attempt whose agent is silent', false, { join: { attempts: [{}] } }, {}],
  ['of an enrolment that is not approved now', false, { state: 'pending' }, {}],
  ['of an enrolment that never claimed', false, { join: { attempts: [] } }, {}],
  ['of a join command', false, { withoutAgent: true }, {}],
  ['of a worker', false, { role: 'worker' }, {}],
  ['that kubeadm has marked', false, {}, { labels: { 'node-role.kubernetes.io/control-plane': '' } }],
  ['of another machine', false, {}, { machineId: 'm2' }],
  ['that came after the end', false, {}, { created: new Date('2026-01-01T00:10:01Z') }]
]
for (const [what, goes, differs, seen] of cases) {
  t.test(`a Node ${what} ${goes ? 'goes' : 'stays'}`, async (t) => {
    const half = halfJoinedNode(anEnrolment('e1', { ...controlPlane }, differs), { ...node, ...seen })
    t.equal(half?.uid, goes ? 'n1' : undefined)
  })
}

t.test('without a Node, none goes', async (t) =>
  t.equal(halfJoinedNode(anEnrolment('e1', controlPlane), undefined), undefined)
)
