import { hasJoined, isControlPlane, mayHaveNode, mustHaveNoNode } from '@joinery/protocol'
import type { ClusterNode } from '../../cluster/cluster.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
import { judgeHeld } from './held-certificate.ts'
import { otherMachine } from './other-machine.ts'

/**
 * Why the Node of the enrolment's name is to go, with its name banned; undefined where it may stay. Only a claim can bring
 * one: the name was free at the claim, so a Node that is there later came after it, whatever the clocks say. Where nobody
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
 * The server deletes workers only: a control plane takes an etcd member along, and perhaps the cluster. kubeadm labels one a
 * while after its Node is there, so the role counts too.
 */
export const isDeletable = ({ role }: Pick<EnrolmentDocument, 'role'>, node: Pick<ClusterNode, 'labels'>): boolean =>
  role !== 'control-plane' && !isControlPlane(node)
