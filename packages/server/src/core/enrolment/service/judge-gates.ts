import { type Gate, readGate, startupTaint } from '@joinery/protocol'
import type { ClusterNode, NodePod } from '../../ports/cluster/nodes.ts'

/** A look at a Node that waits for its gates. */
export interface GateSight {
  node: ClusterNode
  /** Pods of the Node. Undefined if the server does not read Pods. */
  pods: readonly NodePod[] | undefined
}

/**
 * Sentences about the things that are missing until the Node is in service. Empty if all gates hold at once. The sentences are steady: no number
 * and no name of a Pod is in them.
 */
export const judgeGates = (gates: readonly string[], { node, pods }: GateSight): string[] => {
  const missing = gates.flatMap((text) => {
    const gate = readGate(text)
    // a gate that an older server cannot read holds for nobody
    if (gate === undefined) return [`this server does not know the gate ${text}`]
    return (gate.kind === 'condition' ? lacksCondition(gate, node) : lacksPod(gate, node, pods)) ?? []
  })
  return [...(node.ready === 'True' ? [] : ['the Node is not Ready']), ...new Set(missing)]
}

const lacksCondition = ({ type }: Extract<Gate, { kind: 'condition' }>, node: ClusterNode): string | undefined => {
  const isTrue = type === 'Ready' ? node.ready === 'True' : node.conditions.includes(type)
  return isTrue ? undefined : `condition ${type} of the Node is not True`
}

const lacksPod = (
  gate: Exclude<Gate, { kind: 'condition' }>,
  node: ClusterNode,
  pods: GateSight['pods']
): string | undefined => {
  if (pods === undefined) return `the server does not read Pods, which a gate asks for: diagnosis is off`
  return gate.kind === 'daemonset' ? lacksDaemon(gate, node, pods) : lacksEnd(gate, node, pods)
}

const lacksDaemon = (
  gate: Extract<Gate, { kind: 'daemonset' }>,
  node: ClusterNode,
  pods: readonly NodePod[]
): string | undefined => {
  const own = pods.filter(({ namespace, daemonSet }) => namespace === gate.namespace && daemonSet === gate.name)
  if (own.some((pod) => pod.ready && isOf(pod, node))) return undefined
  if (own.length === 0) return `${subjectOf(gate)} has no Pod on this Node, ${mustTolerate}`
  const left = own.some(({ ready }) => ready) ? '; one of a former Node does not count' : ''
  return `${subjectOf(gate)} has no ready Pod on this Node${left}`
}

const lacksEnd = (
  gate: Extract<Gate, { kind: 'pod' }>,
  node: ClusterNode,
  pods: readonly NodePod[]
): string | undefined => {
  const own = pods.filter(
    (pod) => pod.namespace === gate.namespace && pod.labels[gate.key] === gate.value && isOf(pod, node)
  )
  if (own.some(({ phase }) => phase === 'Succeeded')) return undefined
  if (own.length === 0) return `${subjectOf(gate)} has come to this Node, ${mustTolerate}`
  const failed = own.some(({ phase }) => phase === 'Failed') ? ', and one failed' : ''
  return `${subjectOf(gate)} has run to its end on this Node${failed}`
}

const mustTolerate = `and it must tolerate ${startupTaint.key}`

/** True if the Pod came after the Node. One of a former Node of that name says nothing about this machine. */
const isOf = (pod: NodePod, node: ClusterNode): boolean => pod.created.getTime() >= node.created.getTime()

const subjectOf = (gate: Exclude<Gate, { kind: 'condition' }>): string =>
  gate.kind === 'daemonset'
    ? `DaemonSet ${gate.namespace}/${gate.name}`
    : `no Pod with ${gate.key}=${gate.value} in namespace ${gate.namespace}`
