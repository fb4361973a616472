import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { nodeStamp } from '../../../../src/core/enrolment/facts/node.ts'
import type { ClusterNode } from '../../../../src/core/ports/cluster/nodes.ts'

const node = aNode('worker-1', {
  addresses: ['192.0.2.1'],
  ready: 'True',
  reason: 'KubeletReady',
  message: 'kubelet is posting ready status',
  labels: { rack: '7' },
  taints: [{ key: 'gpu', value: '', effect: 'NoSchedule' }]
})

t.test('a Node without a difference that is read is the same', async (t) => {
  t.equal(nodeStamp(structuredClone(node)), nodeStamp(node))
  t.equal(
    nodeStamp({ ...node, message: 'still posting' }),
    nodeStamp(node),
    'of one that is Ready nobody reads the words'
  )
})

const changes: Partial<ClusterNode>[] = [
  { uid: 'u2' },
  { machineId: 'm2' },
  { systemUuid: 's2' },
  { addresses: [] },
  { ready: 'False' },
  { ready: 'Unknown' },
  { labels: { rack: '8' } },
  { labels: {} },
  { taints: [] },
  { conditions: ['example.org/Storage'] },
  { taints: [{ key: 'gpu', value: '', effect: 'NoExecute' }] }
]
for (const change of changes) {
  t.test(`a Node with ${JSON.stringify(change)} differs`, async (t) => {
    t.not(nodeStamp({ ...node, ...change }), nodeStamp(node))
  })
}

t.test('the reason and the words count only for a Node that is not Ready', async (t) => {
  const bad = { ...node, ready: 'False' as const }
  t.not(nodeStamp({ ...bad, reason: 'x' }), nodeStamp(bad))
  t.not(nodeStamp({ ...bad, message: 'x' }), nodeStamp(bad))
})
