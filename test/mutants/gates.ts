import type { Mutant } from './mutant.ts'

const words = {
  file: 'packages/protocol/src/words/gates.ts',
  killedBy: ['packages/protocol/test/words/gates.test.ts']
}
const judge = {
  file: 'packages/server/src/core/enrolment/service/judge-gates.ts',
  killedBy: ['packages/server/test/core/enrolment/service/judge-gates.test.ts']
}
const decide = {
  file: 'packages/server/src/core/enrolment/service/decide-service.ts',
  killedBy: ['packages/server/test/core/enrolment/service/decide-service.test.ts']
}
const look = {
  file: 'packages/server/src/core/reconcile/service-gates.ts',
  killedBy: ['test/journeys/nodes/gates.test.ts']
}

/** What keeps Pods away from a Node until it is ready for work, and what the server may take away for that. */
export const gates: readonly Mutant[] = [
  {
    ...words,
    name: 'startup-taint-of-any-effect',
    text: 'key === startupTaint.key && effect === startupTaint.effect',
    instead: 'key === startupTaint.key && effect !== undefined',
    rule: 'the server takes one taint away, and no other'
  },
  {
    ...words,
    name: 'gate-of-any-namespace',
    text: "isNodeName(text) && !text.includes('.')",
    instead: 'isNodeName(text)',
    rule: 'no two texts are one gate'
  },
  {
    file: 'packages/protocol/src/words/labels-and-taints.ts',
    name: 'startup-taint-by-a-code',
    text: '  if (key === startupTaintKey) return',
    instead: "  if (key === '') return",
    rule: 'no code gives the startup taint, and no Node hands it on',
    killedBy: ['packages/protocol/test/words/gates.test.ts']
  },
  {
    ...judge,
    name: 'pod-of-a-former-node-is-ready',
    text: 'own.some((pod) => pod.ready && isOf(pod, node))',
    instead: 'own.some((pod) => pod.ready)',
    rule: 'a Pod of a former Node says nothing about this machine'
  },
  {
    ...judge,
    name: 'pod-ended-on-a-former-node',
    text: 'pod.labels[gate.key] === gate.value && isOf(pod, node)',
    instead: 'pod.labels[gate.key] === gate.value',
    rule: 'a Pod that ended on a former Node says nothing about this machine'
  },
  {
    ...judge,
    name: 'daemonset-of-any-namespace',
    text: 'namespace === gate.namespace && daemonSet === gate.name',
    instead: 'daemonSet === gate.name',
    rule: 'a gate names the namespace'
  },
  {
    ...judge,
    name: 'unread-pods-hold',
    text: "  pods: GateSight['pods']\n): string | undefined => {\n  if (pods === undefined) return ",
    instead:
      "  pods: GateSight['pods']\n): string | undefined => {\n  if (pods === undefined) return undefined\n  if (pods.length < 0) return ",
    rule: 'a gate that cannot be read does not hold'
  },
  {
    ...judge,
    name: 'service-without-ready',
    text: "node.ready === 'True' ? [] : ['the Node is not Ready']",
    instead: "node.ready === 'True' ? [] : []",
    rule: 'a Node that is not Ready does not come into service'
  },
  {
    ...decide,
    name: 'taint-goes-again',
    text: 'isGated(enrolment, node) && isOpening(serviceOf(enrolment, node.uid)) && hasStartupTaint(node)',
    instead:
      'isGated(enrolment, node) && serviceOf(enrolment, node.uid)?.opened !== undefined && hasStartupTaint(node)',
    rule: 'a taint that somebody puts back stays'
  },
  {
    ...decide,
    name: 'service-of-any-state',
    text: '  isReady(enrolment) &&\n',
    instead: '',
    rule: 'after a removal nothing is taken away any more'
  },
  {
    ...decide,
    name: 'service-of-another-machine',
    text: '  unwantedNode(enrolment, node) === undefined\n',
    instead: '  true\n',
    rule: 'the Node of another machine never comes into service'
  },
  {
    ...decide,
    name: 'service-of-a-former-node',
    text: '  service?.node === uid ? service : undefined\n',
    instead: '  service === undefined || uid === undefined ? undefined : service\n',
    rule: 'another Node of the machine waits for the gates again'
  },
  {
    ...decide,
    name: 'gate-lost-before-the-taint-is-gone',
    text: '  if (missing.length > 0) return decideMissing',
    instead: '  if (missing.length > 0 && !isOpening(service)) return decideMissing',
    rule: 'the taint goes only while all gates hold'
  },
  {
    ...decide,
    name: 'withdrawal-waits',
    text: '  !isOpening(serviceOf(enrolment, uid))\n',
    instead: '  enrolment !== undefined && uid !== undefined\n',
    rule: 'a decision that ends the taking away never waits'
  },
  {
    ...decide,
    name: 'missing-told-without-end',
    text: 'before === undefined || count <= toldAtMost',
    instead: 'before === undefined || count <= toldAtMost * 1000',
    rule: 'the timeline is bounded'
  },
  {
    ...look,
    name: 'taint-goes-without-a-commit',
    text: '    if (!mustOpen(seen, node)) return\n',
    instead: '    if (seen.service?.since !== undefined || pods === null) return\n',
    rule: 'the taint goes only behind a commit that all gates held'
  },
  {
    ...look,
    name: 'pods-read-without-budget',
    text: '    if (asks && !this.#mayRead(id)) return\n',
    instead: '    if (asks && this.#mayRead(id) === undefined) return\n',
    rule: 'looks at Pods have a budget'
  },
  {
    ...look,
    name: 'pods-read-without-diagnosis',
    text: 'readyWhen.some(asksForPods) && this.#parts.diagnosis',
    instead: 'readyWhen.some(asksForPods)',
    rule: 'the server reads Pods only if it is set to'
  },
  {
    ...look,
    name: 'gates-told-without-budget',
    text: 'mayWait(current, node) && this.#told.take(id) > 0',
    instead: 'mayWait(current, node) && this.#told.take(id) < 0',
    rule: 'what a kubelet can cause has a budget'
  },
  {
    file: 'packages/server/src/core/enrolment/decision/gates.ts',
    name: 'gates-for-pods-without-diagnosis',
    text: '  if (diagnosis || gate === undefined) return\n',
    instead: '  if (gate === undefined || gate.length > 0) return\n',
    rule: 'a gate that the server cannot read is refused when the code is made',
    killedBy: ['test/journeys/nodes/gates.test.ts']
  },
  {
    file: 'packages/server/src/core/enrolment/decision/labels-and-taints.ts',
    name: 'ready-before-the-startup-taint',
    text: 'labels !== undefined || taints !== undefined || readyWhen !== undefined',
    instead: 'labels !== undefined || taints !== undefined',
    rule: 'a Node with gates has the startup taint before it is ready',
    killedBy: ['packages/server/test/core/enrolment/node/node-to-label.test.ts', 'test/journeys/nodes/gates.test.ts']
  },
  {
    file: 'packages/server/src/core/credentials/cluster-guard.ts',
    name: 'startup-taint-without-the-policy',
    text: "['joinery-nodes'], (cluster) => cluster.removeStartupTaint(node)",
    instead: '[], (cluster) => cluster.removeStartupTaint(node)',
    rule: 'the taint goes only while the policy holds the server',
    killedBy: ['packages/server/test/core/credentials/cluster-guard.test.ts']
  },
  {
    file: 'packages/server/src/adapters/kubernetes/nodes/remove-startup-taint.ts',
    name: 'startup-taint-of-another-node',
    text: 'node?.metadata?.uid !== uid',
    instead: "node?.metadata?.uid === 'none'",
    rule: 'a late call takes nothing from the next machine of that name',
    killedBy: ['packages/server/test/adapters/kubernetes/conflicts.test.ts']
  },
  {
    file: 'packages/server/src/adapters/kubernetes/nodes/node-pods.ts',
    name: 'mirror-pods-count',
    text: 'items.filter(isScheduled)',
    instead: 'items.filter((one) => isScheduled(one) || true)',
    rule: 'a kubelet opens no gate by a static Pod of its own',
    killedBy: ['packages/server/test/adapters/kubernetes/nodes/node-pods.test.ts']
  },
  {
    file: 'packages/agent/src/machine/kubeadm/join-configuration.ts',
    name: 'control-plane-without-its-own-taint',
    text: 'taints: controlPlane ? withKubeadms(taints) : taints',
    instead: 'taints',
    rule: "taints in nodeRegistration replace kubeadm's own",
    killedBy: ['packages/agent/test/machine/kubeadm/join-configuration.test.ts']
  }
]
