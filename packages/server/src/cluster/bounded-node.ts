import { boundedText } from './bounded-text.ts'
import type { ClusterNode } from './cluster.ts'

/** The Node with what its kubelet says in words cut: it goes into documents, timelines and answers. */
export const boundedNode = (node: ClusterNode): ClusterNode => ({
  ...node,
  machineId: boundedText(node.machineId),
  systemUuid: boundedText(node.systemUuid),
  reason: boundedText(node.reason),
  message: boundedText(node.message)
})
