import type { NodeStatus } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/cluster.ts'

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

/** True if the kubelet says, by the message of the condition Ready, that its runtime has no configuration of a network plugin. */
export const lacksPlugin = (message: string): boolean =>
  /NetworkPluginNotReady|cni plugin not initialized|cni config uninitialized/i.test(message)
