import type { ClusterNode } from '../cluster/cluster.ts'
import type { EnrolmentDocument } from '../store/store.ts'

/**
 * In what the Node is not the machine that enrolled; undefined where it is that one, or none enrolled. Where a machine shows no DMI the
 * kubelet gives its machine id as system UUID.
 */
export const otherMachine = ({ facts, withoutAgent }: EnrolmentDocument, node: ClusterNode): string | undefined => {
  if (withoutAgent) return undefined
  if (node.machineId !== facts.machineId) {
    return `Node ${node.name} has machine id ${node.machineId}, enrolled was ${facts.machineId}`
  }
  const uuid = node.systemUuid.toLowerCase()
  if (facts.productUuid !== '' && uuid !== node.machineId && uuid !== facts.productUuid.toLowerCase()) {
    return `Node ${node.name} has system UUID ${node.systemUuid}, enrolled was ${facts.productUuid}`
  }
  return undefined
}
