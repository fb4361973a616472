import type { ClusterNode } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { approvedFacts } from '../facts/approved-facts.ts'

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
