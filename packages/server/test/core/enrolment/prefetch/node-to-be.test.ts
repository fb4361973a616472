import { noFacts } from '@joinery/protocol'
import t from 'tap'
import { nodeToBe } from '../../../../src/core/enrolment/prefetch/images-of-new-node.ts'

const facts = { ...noFacts, arch: 'arm64' }

t.test('a Node will have the labels that its kubelet writes, and those of its code', async (t) => {
  const taint = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }
  const node = nodeToBe({
    name: 'edge-1',
    role: 'worker',
    facts,
    terms: { labels: { rack: 'r7', 'kubernetes.io/arch': 'amd64' }, taints: [taint] }
  })
  t.same(node, {
    name: 'edge-1',
    labels: {
      rack: 'r7',
      'beta.kubernetes.io/arch': 'arm64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'arm64',
      'kubernetes.io/hostname': 'edge-1',
      'kubernetes.io/os': 'linux'
    },
    taints: [taint]
  })
})

t.test('a control plane will also have what kubeadm marks it with', async (t) => {
  const { labels, taints } = nodeToBe({ name: 'cp-2', role: 'control-plane', facts, terms: {} })
  t.match(labels, {
    'node-role.kubernetes.io/control-plane': '',
    'node.kubernetes.io/exclude-from-external-load-balancers': ''
  })
  t.same(taints, [{ key: 'node-role.kubernetes.io/control-plane', value: '', effect: 'NoSchedule' }])
})
