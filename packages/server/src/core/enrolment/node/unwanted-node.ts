import { hasJoined, isControlPlane, leadsTo, mayHaveNode, mustHaveNoNode } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { approvedFacts } from '../facts/shown.ts'
import { judgeHeld } from './held-certificate.ts'

/**
 * Reason why the Node of the enrolment's name must go, with its name banned. Undefined if the Node may stay. Only a claim can
 * bring a Node. The name was free at the claim, so a Node that is there later came after it, whatever the clocks say. If nobody
 * claimed, the Node is none of ours.
 */
export const unwantedNode = (enrolment: EnrolmentDocument, node: ClusterNode): string | undefined => {
  const { state } = enrolment
  const { attempts } = enrolment.join
  if (attempts.length === 0) return undefined
  if (mustHaveNoNode(enrolment)) return `Node ${node.name} appeared for an enrolment that is ${state}`
  if (!mayHaveNode(enrolment)) return undefined
  return (
    enrolment.certificates.untrusted ??
    otherMachine(enrolment, node) ??
    (hasJoined(enrolment) ? heldElsewhere(enrolment) : undefined)
  )
}

const heldElsewhere = (enrolment: EnrolmentDocument): string | undefined => {
  const held = judgeHeld(enrolment)
  return typeof held === 'object' ? held.mismatch : undefined
}

/**
 * True if the server may delete the Node. It deletes workers only: a control plane takes an etcd member along, and perhaps the
 * cluster. kubeadm labels a control plane a while after its Node is there, so the role counts too.
 */
export const isDeletable = ({ role }: Pick<EnrolmentDocument, 'role'>, node: Pick<ClusterNode, 'labels'>): boolean =>
  role !== 'control-plane' && !isControlPlane(node)

/**
 * Difference between the Node and the machine that was approved, in words. Undefined if the Node is that machine, if no machine
 * enrolled, or if its kubelet has not reported yet. If a machine shows no DMI, the kubelet gives its machine id as system UUID.
 */
export const otherMachine = (enrolment: EnrolmentDocument, node: ClusterNode): string | undefined => {
  if (enrolment.withoutAgent || node.machineId === '') return undefined
  const facts = approvedFacts(enrolment)
  if (node.machineId !== facts.machineId) {
    return `Node ${node.name} has machine id ${bounded(node.machineId)}, but the enrolled machine has ${facts.machineId}`
  }
  const uuid = node.systemUuid.toLowerCase()
  if (uuid === '' || facts.productUuid === '') return undefined
  if (uuid !== node.machineId && uuid !== facts.productUuid.toLowerCase()) {
    return `Node ${node.name} has system UUID ${bounded(node.systemUuid)}, but the enrolled machine has ${facts.productUuid}`
  }
  return undefined
}

/** The text, cut: anybody who has a kubelet's certificate writes what he likes into a Node. */
const bounded = (text: string): string => text.slice(0, 64)

/**
 * The Node that an attempt of a control plane left in the cluster, before kubeadm marked it. The agent has closed the attempt.
 * The Node has the name that the next attempt needs, and if the agent is silent, its etcd may be at work. A Node that came
 * after the end is somebody else's doing. Without an agent there is no next attempt.
 */
export const halfJoinedNode = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined
): ClusterNode | undefined => {
  const { role, withoutAgent, state, since } = enrolment
  const { attempts } = enrolment.join
  if (role !== 'control-plane' || withoutAgent || !leadsTo(state, 'fail', 'give-up') || !attempts.at(-1)?.closed)
    return undefined
  if (node === undefined || isControlPlane(node) || node.created > new Date(since)) return undefined
  // without a machine id the kubelet was stopped before it had reported
  return node.machineId === '' || otherMachine(enrolment, node) === undefined ? node : undefined
}
