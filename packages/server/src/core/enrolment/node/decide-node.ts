import { isDeepStrictEqual } from 'node:util'
import {
  awaitsReady,
  hasJoined,
  isControlPlane,
  isRecovering,
  mustHaveNoNode,
  type NodeStatus,
  next,
  silenceLimit
} from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { decideConflict } from '../decision/conflict.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { lacksLabels } from '../decision/labels-and-taints.ts'
import { nodeCondition, withoutCause } from '../facts/node.ts'
import { decideBack } from '../recovery/decide-recovery-over.ts'
import { endRecovery } from '../recovery/end-recovery.ts'
import { conditionChange } from './condition-change.ts'
import { judgeHeld } from './held-certificate.ts'
import { isDeletable, unwantedNode } from './unwanted-node.ts'

/** Decides about what the Node of an enrolment's name says. Undefined if nothing is new. */
export const decideNode = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  if (enrolment.join.attempts.length === 0) return undefined
  const why = node === undefined ? undefined : unwantedNode(enrolment, node)
  if (node !== undefined && why !== undefined) return decideUnwanted(enrolment, node, why, now)
  if (next(enrolment.state, 'register') !== undefined) {
    const registered = decideRegister(enrolment, node, now)
    // what is Ready when it is first seen waits for no second look
    const ready = registered && decideReadiness(registered.enrolment, node, now)
    return ready ? { ...ready, entries: [...registered.entries, ...ready.entries] } : registered
  }
  if (hasJoined(enrolment)) return decideReadiness(enrolment, node, now)
  return mustHaveNoNode(enrolment) ? decideGone(enrolment, now) : undefined
}

const decideRegister = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  // without a machine id the kubelet has not reported yet
  if (node === undefined || node.machineId === '') return undefined
  if (awaitsItsMark(enrolment, node)) return undefined
  const registered = entry(now, 'cluster', 'register', `Node ${node.name}, uid ${node.uid}`)
  const { reason: _, ...joined } = moved(enrolment, 'register', now)
  return { enrolment: { ...joined, node: statusOf(node, undefined, now) }, entries: [registered] }
}

/**
 * True if kubeadm has not marked a control plane yet. Until then its attempt may fail, if its agent says so, and its Node goes
 * with it.
 */
const awaitsItsMark = ({ role, withoutAgent }: EnrolmentDocument, node: ClusterNode): boolean =>
  role === 'control-plane' && !withoutAgent && !isControlPlane(node)

const decideReadiness = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  now: Date
): Decision | undefined => {
  const status = node === undefined ? enrolment.node && gone(enrolment.node) : statusOf(node, enrolment.node, now)
  const { entries, ...changed } = status === undefined ? { entries: [] } : conditionChange(enrolment, status, now)
  const known =
    status === undefined ? enrolment : { ...enrolment, diagnosis: { ...enrolment.diagnosis, ...changed }, node: status }
  const updated = status?.condition === 'Ready' || status?.condition === 'Gone' ? withoutCause(known) : known
  const back = decideRecoveryNode(updated, now)
  if (back !== undefined) return { ...back, entries: [...entries, ...back.entries] }
  if (awaitsReady(enrolment)) {
    const ready = decideReady(updated, now)
    if (ready !== undefined) return { ...ready, entries: [...entries, ...ready.entries] }
  }
  return isDeepStrictEqual(updated, enrolment) ? undefined : { enrolment: updated, entries }
}

const decideReady = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  if (enrolment.node?.condition !== 'Ready') return undefined
  const at = now.toISOString()
  const held = judgeHeld(enrolment)
  if (lacksLabels(enrolment)) return undefined
  const ready = (confirmed: boolean): EnrolmentDocument => {
    const after = moved(enrolment, 'become-ready', now)
    return { ...after, join: { ...after.join, ready: at, confirmed } }
  }
  if (enrolment.withoutAgent) {
    return {
      enrolment: ready(false),
      entries: [entry(now, 'server', 'become-ready', 'Node Ready; without an agent')]
    }
  }
  if (enrolment.join.agentReady === undefined || held !== 'as-issued') {
    // an issued certificate is learnt from its CSR, which the cluster forgets after an hour
    const [since, what] =
      enrolment.join.agentReady === undefined
        ? [enrolment.node.ready ?? at, 'the agent is silent']
        : [enrolment.join.agentReady.at, 'the certificate that was issued is not known']
    if (now.getTime() - Date.parse(since) < silenceLimit) return undefined
    return {
      enrolment: ready(false),
      entries: [entry(now, 'server', 'become-ready', `Node Ready; not confirmed: ${what}`, true)]
    }
  }
  const { serial } = enrolment.join.agentReady.certificate
  return {
    enrolment: ready(true),
    entries: [entry(now, 'server', 'become-ready', `Node Ready; agent holds certificate serial ${serial}`)]
  }
}

/**
 * Decides about a Node that must go. Each is told once, and the enrolment freezes if the table lists it. One that has joined
 * keeps its state and gets the reason: its Node is gone, and a removal ends that.
 */
const decideUnwanted = (
  enrolment: EnrolmentDocument,
  node: ClusterNode,
  why: string,
  now: Date
): Decision | undefined => {
  if (node.uid === enrolment.certificates.unwantedNode) return undefined
  const deletion = isDeletable(enrolment, node)
    ? 'the Node is deleted'
    : 'a control plane, which an administrator deletes'
  const reason = `${why}; its name is banned, ${deletion}`
  const seen = {
    ...enrolment,
    certificates: { ...enrolment.certificates, unwantedNode: node.uid, banned: now.toISOString() }
  }
  if (mustHaveNoNode(enrolment)) {
    return { enrolment: seen, entries: [entry(now, 'cluster', 'unwanted-node', reason, true)] }
  }
  const { enrolment: judged, entries } = decideConflict(seen, 'cluster', reason, now)
  return { enrolment: { ...judged, reason: judged.reason ?? reason }, entries }
}

/**
 * Notes that the enrolment had a Node once, and has none now. As long as the Node was there, its name was banned again and
 * again.
 */
const decideGone = (enrolment: EnrolmentDocument, now: Date): Decision | undefined =>
  enrolment.node === undefined || enrolment.node.condition === 'Gone'
    ? undefined
    : {
        enrolment: {
          ...enrolment,
          node: gone(enrolment.node),
          certificates: { ...enrolment.certificates, banned: now.toISOString() }
        },
        entries: []
      }

const statusOf = (node: ClusterNode, before: NodeStatus | undefined, now: Date): NodeStatus => {
  const { condition, message } = nodeCondition(node)
  const since = before?.condition === 'Ready' ? before.ready : now.toISOString()
  return {
    uid: node.uid,
    registered: node.created.toISOString(),
    condition,
    message,
    ...(condition === 'Ready' && since !== undefined ? { ready: since } : {})
  }
}

const gone = (before: NodeStatus): NodeStatus => ({ ...before, condition: 'Gone', message: 'the Node was deleted' })

/**
 * Decides about the way back by the Node. `enrolment`: with the Node as it is now. The machine is back if its Node is Ready, and
 * holds the certificate that was issued to the recovery certificate. A Node that is Ready before the machine has claimed came
 * back by itself, and one that was deleted does not come back.
 */
export const decideRecoveryNode = (enrolment: EnrolmentDocument, now: Date): Decision | undefined => {
  const { recovery, node } = enrolment
  const { agentReady } = enrolment.join
  if (!isRecovering(enrolment) || recovery === undefined) return undefined
  if (node?.condition === 'Gone') return ended(enrolment, 'the Node was deleted, so the machine has to join again', now)
  if (node?.condition !== 'Ready') return undefined
  // it was called Ready when the machine asked, and nobody was heard: only a Node that became Ready since came back
  const isAsBefore = recovery.silent === true && (node.ready ?? '') <= (recovery.asked?.at ?? '')
  if (recovery.attempt === undefined && isAsBefore) return undefined
  if (recovery.attempt === undefined) return ended(enrolment, 'the Node is Ready again by itself', now)
  if (agentReady === undefined || judgeHeld(enrolment) !== 'as-issued') return undefined
  const why = `Node Ready; agent holds certificate serial ${agentReady.certificate.serial}`
  return decideBack(enrolment, { why, confirmed: true }, now)
}

const ended = (enrolment: EnrolmentDocument, why: string, now: Date): Decision => ({
  enrolment: endRecovery(enrolment, { event: 'end-recovery', why, failedBy: 'server' }, now),
  entries: [entry(now, 'cluster', 'end-recovery', why)]
})
