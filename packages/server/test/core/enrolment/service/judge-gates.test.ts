import { aNode } from '@joinery/testing/documents/node'
import t from 'tap'
import { judgeGates } from '../../../../src/core/enrolment/service/judge-gates.ts'
import type { ClusterNode, NodePod } from '../../../../src/core/ports/cluster/nodes.ts'

const node = aNode('worker-1', { ready: 'True', conditions: ['example.org/Storage'] })
const before = new Date(node.created.getTime() - 1000)

const pod = (part: Partial<NodePod> = {}): NodePod => ({
  namespace: 'kube-system',
  name: 'cilium-x',
  created: node.created,
  labels: { app: 'check' },
  daemonSet: 'cilium',
  phase: 'Running',
  ready: true,
  ...part
})
const daemon = 'daemonset:kube-system/cilium'
const check = 'pod:kube-system/app=check'
const noDaemon = 'DaemonSet kube-system/cilium has no ready Pod on this Node'
const noEnd = 'no Pod with app=check in namespace kube-system has run to its end on this Node'

interface Look {
  gates: string[]
  node?: Partial<ClusterNode>
  pods?: NodePod[] | undefined
}

/** What is looked at, and what is missing. */
const looks: [string, Look, string[]][] = [
  ['no gate', { gates: [] }, []],
  ['a Node that is not Ready', { gates: [], node: { ready: 'False' } }, ['the Node is not Ready']],
  ['a Node of which nothing is heard', { gates: [], node: { ready: 'Unknown' } }, ['the Node is not Ready']],
  ['a condition that is True', { gates: ['condition:example.org/Storage'], pods: undefined }, []],
  ['the condition Ready', { gates: ['condition:Ready'] }, []],
  ['a condition that is not True', { gates: ['condition:Other'] }, ['condition Other of the Node is not True']],
  ['a ready Pod of the DaemonSet', { gates: [daemon], pods: [pod()] }, []],
  [
    'a DaemonSet without Pods here',
    { gates: [daemon], pods: [] },
    ['DaemonSet kube-system/cilium has no Pod on this Node, and it must tolerate joinery.dev/not-in-service']
  ],
  ['a Pod of the DaemonSet that is not ready', { gates: [daemon], pods: [pod({ ready: false })] }, [noDaemon]],
  [
    'another DaemonSet',
    { gates: [daemon], pods: [pod({ daemonSet: 'cilium-envoy' })] },
    ['DaemonSet kube-system/cilium has no Pod on this Node, and it must tolerate joinery.dev/not-in-service']
  ],
  [
    'a DaemonSet of another namespace',
    { gates: [daemon], pods: [pod({ namespace: 'team' }), pod({ ready: false })] },
    [noDaemon]
  ],
  [
    'a ready Pod of a former Node',
    { gates: [daemon], pods: [pod({ created: before })] },
    [`${noDaemon}; one of a former Node does not count`]
  ],
  ['a Pod of a former Node and one of this', { gates: [daemon], pods: [pod({ created: before }), pod()] }, []],
  ['a Pod that ran to its end', { gates: [check], pods: [pod({ phase: 'Succeeded', ready: false })] }, []],
  ['a Pod that runs', { gates: [check], pods: [pod()] }, [noEnd]],
  ['a Pod that failed', { gates: [check], pods: [pod({ phase: 'Failed' })] }, [`${noEnd}, and one failed`]],
  [
    'a Pod that failed and one that did not',
    { gates: [check], pods: [pod({ phase: 'Failed' }), pod({ phase: 'Succeeded' })] },
    []
  ],
  [
    'no Pod with the label',
    { gates: [check], pods: [pod({ labels: { app: 'other' }, phase: 'Succeeded' })] },
    [
      'no Pod with app=check in namespace kube-system has come to this Node, and it must tolerate joinery.dev/not-in-service'
    ]
  ],
  [
    'an end on a former Node',
    { gates: [check], pods: [pod({ phase: 'Succeeded', created: before })] },
    [
      'no Pod with app=check in namespace kube-system has come to this Node, and it must tolerate joinery.dev/not-in-service'
    ]
  ],
  [
    'a label that no Pod can have by itself',
    { gates: ['pod:kube-system/constructor=x'], pods: [pod()] },
    [
      'no Pod with constructor=x in namespace kube-system has come to this Node, and it must tolerate joinery.dev/not-in-service'
    ]
  ],
  [
    'a gate for Pods if the server reads none, said once',
    { gates: [daemon, check], pods: undefined },
    ['the server does not read Pods, which a gate asks for: diagnosis is off']
  ],
  ['a gate of a newer server', { gates: ['lease:a/b'] }, ['this server does not know the gate lease:a/b']],
  [
    'several that do not hold, in their order',
    { gates: [check, 'condition:Other', daemon], pods: [pod({ ready: false })], node: { ready: 'False' } },
    ['the Node is not Ready', noEnd, 'condition Other of the Node is not True', noDaemon]
  ]
]

for (const [what, { gates, node: part, pods }, missing] of looks) {
  t.test(`${what}: ${missing.length === 0 ? 'all hold' : missing[0]}`, async (t) => {
    t.same(judgeGates(gates, { node: { ...node, ...part }, pods }), missing)
  })
}
