import { hasJoined } from '@joinery/protocol'
import type { ClusterNode, LabelsAndTaints } from '../../cluster/cluster.ts'
import { isJoining, withinBounds } from '../../cluster/within-bounds.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
import { lacksLabels } from '../decision/labels-and-taints.ts'
import { unwantedNode } from './unwanted-node.ts'

export interface Labelling {
  node: ClusterNode
  /** Of the code. Both empty: only the mark of joining is to go. */
  allowed: LabelsAndTaints
  /** That the cluster does not let the server set on such a Node. */
  refused: LabelsAndTaints
  /** These are those of the code, and it is to be written down that the Node has them. */
  first: boolean
}

const none: LabelsAndTaints = { labels: {}, taints: [] }

/**
 * What is to be written to the Node now. The labels and taints of its code: after it was seen to be the machine that enrolled,
 * before it is ready, and once; what an administrator makes of them afterwards stays. The mark of joining goes with them, or
 * whenever it is seen after that: a kubelet that registers anew brings it again.
 */
export const nodeToLabel = (enrolment: EnrolmentDocument, node: ClusterNode | undefined): Labelling | undefined => {
  const { state, labels = {}, taints = [] } = enrolment
  if (!hasJoined(enrolment)) return undefined
  // the Node may be another one than that which registered
  if (node === undefined || node.machineId === '' || unwantedNode(enrolment, node) !== undefined) return undefined
  const first = state === 'joined' && lacksLabels(enrolment) && node.uid !== enrolment.labelled
  if (first) return { node, first, ...withinBounds(node, { labels, taints }) }
  return isJoining(node) ? { node, first, allowed: none, refused: none } : undefined
}
