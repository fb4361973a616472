import { isControlPlane, leadsTo } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { otherMachine } from './other-machine.ts'

/**
 * The Node that an attempt of a control plane left in the cluster, before kubeadm marked it. The agent has closed the attempt.
 * The Node has the name that the next attempt needs, and if the agent is silent, its etcd may be at work. A Node that came
 * after the end is somebody else's doing. Without an agent there is no next attempt.
 */
export const halfJoinedNode = (
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined
): ClusterNode | undefined => {
  const { role, withoutAgent, state, since, attempts } = enrolment
  if (role !== 'control-plane' || withoutAgent || !leadsTo(state, 'fail', 'give-up') || !attempts.at(-1)?.closed)
    return undefined
  if (node === undefined || isControlPlane(node) || node.created > new Date(since)) return undefined
  // without a machine id the kubelet was stopped before it had reported
  return node.machineId === '' || otherMachine(enrolment, node) === undefined ? node : undefined
}
