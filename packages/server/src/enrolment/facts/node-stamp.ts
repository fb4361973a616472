import { hash } from 'node:crypto'
import type { ClusterNode } from '../../cluster/cluster.ts'
import { nodeCondition } from './node-condition.ts'

/**
 * All that the server reads of a Node, in short: two with the same stamp are the same to it. A kubelet writes the times of its
 * conditions each few minutes, and nothing follows from that.
 */
export const nodeStamp = (node: ClusterNode): string => {
  const { uid, machineId, systemUuid, addresses, labels, taints } = node
  return hash('sha256', JSON.stringify([uid, machineId, systemUuid, addresses, nodeCondition(node), labels, taints]))
}
