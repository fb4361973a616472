import { isDeepStrictEqual } from 'node:util'
import { type NodeStatus, next, type State, silenceLimit } from '@joinery/protocol'
import type { ClusterNode } from '../cluster/cluster.ts'
import { decideConflict } from '../enrolments/conflict.ts'
import { type Decision, entry, moved } from '../enrolments/decision.ts'
import { lacksLabels } from '../enrolments/labels-and-taints.ts'
import type { EnrolmentDocument } from '../store/store.ts'
import { judgeHeld } from './held-certificate.ts'
import { otherMachine } from './other-machine.ts'

/** In these an enrolment has no Node, and one that appears is banned. */
export const mayHaveNoNode: readonly State[] = ['rejected', 'expired', 'frozen', 'removed']

/**
 * What the Node of an enrolment's name says about it; undefined: nothing new. Only a claim can bring one: the name was
 * free at the claim, so a Node that is there later came after it, whatever the clocks say.
 */
export const decideNode = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  if (enrolment.attempts.length === 0) return undefined
  if (mayHaveNoNode.includes(enrolment.state)) return decideUnwanted(enrolment, node, now)
  if (next(enrolment.state, 'register') !== undefined) return decideRegister(enrolment, node, now)
  if (enrolment.state === 'joined' || enrolment.state === 'ready') return decideReadiness(enrolment, node, now)
  return undefined
}

const decideRegister = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  // without a machine id the kubelet has not reported yet
  if (node === undefined || node.machineId === '') return undefined
  const stranger = otherMachine(enrolment, node)
  if (stranger !== undefined) {
    // a state that cannot freeze stays: said once for each Node
    if (node.uid === enrolment.strangerNode) return undefined
    return decideConflict({ ...enrolment, strangerNode: node.uid }, 'cluster', stranger, now)
  }
  const registered = entry(now, 'cluster', 'register', `Node ${node.name}, uid ${node.uid}`)
  const { reason: _, ...joined } = moved(enrolment, 'register', now)
  return { enrolment: { ...joined, node: statusOf(node, undefined, now) }, entries: [registered] }
}

const decideReadiness = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  const status = node === undefined ? gone(enrolment.node) : statusOf(node, enrolment.node, now)
  const updated = status === undefined ? enrolment : { ...enrolment, node: status }
  const entries = isDeepStrictEqual(updated.node, enrolment.node) ? [] : conditionEntry(enrolment, status, now)
  if (enrolment.state === 'joined') {
    const ready = decideReady(updated, now)
    if (ready !== undefined) return { ...ready, entries: [...entries, ...ready.entries] }
  }
  return isDeepStrictEqual(updated, enrolment) ? undefined : { enrolment: updated, entries }
}

const decideReady = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  if (enrolment.node?.condition !== 'Ready') return undefined
  const at = now.toISOString()
  const held = judgeHeld(enrolment)
  // whoever holds another certificate is told of first: labels may be long in coming
  if (typeof held === 'object') {
    if (enrolment.reason !== undefined) return undefined
    const { mismatch: reason } = held
    const { enrolment: alerted, entries } = decideConflict(enrolment, 'server', reason, now)
    return { enrolment: { ...alerted, reason }, entries }
  }
  if (lacksLabels(enrolment)) return undefined
  if (enrolment.withoutAgent) {
    return {
      enrolment: { ...moved(enrolment, 'become-ready', now), ready: at, confirmed: false },
      entries: [entry(now, 'server', 'become-ready', 'Node Ready; without an agent')]
    }
  }
  if (enrolment.agentReady === undefined || held === 'unknown') {
    // an issued certificate is learnt from its CSR, which the cluster forgets after an hour
    const [since, what] =
      enrolment.agentReady === undefined
        ? [enrolment.node.ready ?? at, 'the agent is silent']
        : [enrolment.agentReady.at, 'the certificate that was issued is not known']
    if (now.getTime() - Date.parse(since) < silenceLimit) return undefined
    return {
      enrolment: { ...moved(enrolment, 'become-ready', now), ready: at, confirmed: false },
      entries: [entry(now, 'server', 'become-ready', `Node Ready; not confirmed: ${what}`, true)]
    }
  }
  const { serial } = enrolment.agentReady.certificate
  return {
    enrolment: { ...moved(enrolment, 'become-ready', now), ready: at, confirmed: true },
    entries: [entry(now, 'server', 'become-ready', `Node Ready; agent holds certificate serial ${serial}`)]
  }
}

/** A Node of an enrolment that must not have one: the name is to be banned, once. */
const decideUnwanted = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  if (node === undefined || enrolment.banned) return undefined
  const detail = `Node ${node.name} appeared for an enrolment that is ${enrolment.state}; its name is banned`
  return { enrolment: { ...enrolment, banned: true }, entries: [entry(now, 'cluster', 'unwanted-node', detail, true)] }
}

const statusOf = (node: ClusterNode, before: NodeStatus | undefined, now: Date): NodeStatus => {
  const condition = node.ready === 'True' ? 'Ready' : node.ready === 'False' ? 'NotReady' : 'Unknown'
  const since = before?.condition === 'Ready' ? before.ready : now.toISOString()
  return {
    uid: node.uid,
    registered: node.created.toISOString(),
    condition,
    message: node.ready === 'True' ? '' : `${node.reason}: ${node.message}`,
    ...(condition === 'Ready' && since !== undefined ? { ready: since } : {})
  }
}

const gone = (before: NodeStatus | undefined): NodeStatus | undefined =>
  before === undefined ? undefined : { ...before, condition: 'Gone', message: 'the Node was deleted' }

const conditionEntry = (before: EnrolmentDocument, status: NodeStatus | undefined, now: Date) =>
  status === undefined || status.condition === before.node?.condition
    ? []
    : [entry(now, 'cluster', 'node-condition', `${status.condition} ${status.message}`.trim())]
