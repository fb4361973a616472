import { hasJoined, isControlPlane, mayHaveNode, mustHaveNoNode } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { judgeHeld } from './held-certificate.ts'
import { otherMachine } from './other-machine.ts'

/**
 * Reason why the Node of the enrolment's name must go, with its name banned. Undefined if the Node may stay. Only a claim can
 * bring a Node. The name was free at the claim, so a Node that is there later came after it, whatever the clocks say. If nobody
 * claimed, the Node is none of ours.
 */
export const unwantedNode = (enrolment: EnrolmentDocument, node: ClusterNode): string | undefined => {
  const { state, attempts } = enrolment
  if (attempts.length === 0) return undefined
  if (mustHaveNoNode(enrolment)) return `Node ${node.name} appeared for an enrolment that is ${state}`
  if (!mayHaveNode(enrolment)) return undefined
  return (
    enrolment.untrusted ??
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
