import type { NodeStatus } from '@joinery/protocol'
import type { ClusterNode } from '../../cluster/cluster.ts'

/** The condition Ready of a Node, and why it is not Ready. */
export const nodeCondition = ({
  ready,
  reason,
  message
}: Pick<ClusterNode, 'ready' | 'reason' | 'message'>): Pick<NodeStatus, 'message'> & {
  condition: Exclude<NodeStatus['condition'], 'Gone'>
} => ({
  condition: ready === 'True' ? 'Ready' : ready === 'False' ? 'NotReady' : 'Unknown',
  message: ready === 'True' ? '' : `${reason}: ${message}`
})
