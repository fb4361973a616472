import { hash } from 'node:crypto'
import type { ClusterNode } from '../../ports/cluster/cluster.ts'
import { nodeCondition } from './node-condition.ts'

/**
 * Stamp of all that the server reads of a Node: two Nodes with the same stamp are the same to it. A kubelet writes the times of
 * its conditions every few minutes, and nothing follows from them.
 */
export const nodeStamp = (node: ClusterNode): string => {
  const { uid, machineId, systemUuid, addresses, labels, taints, conditions } = node
  const identity = [uid, machineId, systemUuid, addresses]
  return hash('sha256', JSON.stringify([...identity, nodeCondition(node), conditions, labels, taints]))
}
