import type { ClusterNode } from '../cluster/cluster.ts'
import { lacksLabels } from '../enrolments/labels-and-taints.ts'
import type { EnrolmentDocument } from '../store/store.ts'
import { unwantedNode } from './unwanted-node.ts'

/**
 * The Node that is to get the labels and taints of its code now: after it was seen to be the machine that enrolled, before
 * it is ready, and once. What an administrator makes of them afterwards stays.
 */
export const nodeToLabel = (enrolment: EnrolmentDocument, node: ClusterNode | undefined): ClusterNode | undefined => {
  if (enrolment.state !== 'joined' || !lacksLabels(enrolment)) return undefined
  // the Node may be another one than that which registered
  if (node === undefined || node.machineId === '' || node.uid === enrolment.labelled) return undefined
  return unwantedNode(enrolment, node) === undefined ? node : undefined
}
