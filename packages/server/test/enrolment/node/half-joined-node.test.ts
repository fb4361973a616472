import t from 'tap'
import type { ClusterNode } from '../../../src/cluster/cluster.ts'
import { halfJoinedNode } from '../../../src/enrolment/node/half-joined-node.ts'
import type { AttemptDocument, EnrolmentDocument } from '../../../src/store/store.ts'

const enrolment = {
  role: 'control-plane',
  state: 'approved',
  since: '2026-01-01T00:10:00.000Z',
  name: 'cp-2',
  facts: { machineId: 'm1', productUuid: '' },
  attempts: [{ number: 1, closed: true }]
} as unknown as EnrolmentDocument
const node = {
  name: 'cp-2',
  uid: 'n1',
  created: new Date('2026-01-01T00:05:00Z'),
  machineId: 'm1',
  systemUuid: 'm1',
  labels: {}
} as unknown as ClusterNode

const cases: [what: string, goes: boolean, enrolment: Partial<EnrolmentDocument>, node: Partial<ClusterNode>][] = [
  ['of an attempt that failed', true, {}, {}],
  ['of the last one', true, { state: 'failed' }, {}],
  ['of a kubelet that never reported', true, {}, { machineId: '' }],
  ['of an attempt that is open', false, { state: 'joining' }, {}],
  ['of an attempt whose agent is silent', false, { attempts: [{ number: 1 } as AttemptDocument] }, {}],
  ['of one that is not approved now', false, { state: 'pending' }, {}],
  ['of one that never claimed', false, { attempts: [] }, {}],
  ['of a join command', false, { withoutAgent: true }, {}],
  ['of a worker', false, { role: 'worker' }, {}],
  ['that kubeadm has marked', false, {}, { labels: { 'node-role.kubernetes.io/control-plane': '' } }],
  ['of another machine', false, {}, { machineId: 'm2' }],
  ['that came after the end', false, {}, { created: new Date('2026-01-01T00:10:01Z') }]
]
for (const [what, goes, differs, seen] of cases) {
  t.test(`a Node ${what} ${goes ? 'goes' : 'stays'}`, async (t) => {
    const half = halfJoinedNode({ ...enrolment, ...differs }, { ...node, ...seen })
    t.equal(half?.uid, goes ? 'n1' : undefined)
  })
}

t.test('where there is no Node, none goes', async (t) => t.equal(halfJoinedNode(enrolment, undefined), undefined))
