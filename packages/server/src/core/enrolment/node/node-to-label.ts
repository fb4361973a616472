import { awaitsReady, hasJoined } from '@joinery/protocol'
import type { ClusterNode, LabelsAndTaints } from '../../ports/cluster/nodes.ts'
import { isJoining, withinBounds } from '../../ports/cluster/within-bounds.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { wantedTaints } from '../decision/gates.ts'
import { lacksLabels } from '../decision/labels-and-taints.ts'
import { unwantedNode } from './unwanted-node.ts'

export interface Labelling {
  node: ClusterNode
  /** Labels and taints of the code. If both are empty, only the mark of joining goes. */
  allowed: LabelsAndTaints
  /** Labels and taints that the cluster does not let the server set on such a Node. */
  refused: LabelsAndTaints
  /** True if these are the labels and taints of the code, and it must be noted that the Node has them. */
  first: boolean
}

const none: LabelsAndTaints = { labels: {}, taints: [] }

/**
 * The labels and taints to write to the Node now. Those of its code are written once: after the Node was seen to be the machine
 * that enrolled, and before it is ready. What an administrator makes of them afterwards stays. The mark of joining goes with
 * them, or whenever it is seen after that: a kubelet that registers again brings it again.
 */
export const nodeToLabel = (enrolment: EnrolmentDocument, node: ClusterNode | undefined): Labelling | undefined => {
  const { terms } = enrolment
  if (!hasJoined(enrolment)) return undefined
  // the Node may be another one than the one that registered
  if (node === undefined || node.machineId === '' || unwantedNode(enrolment, node) !== undefined) return undefined
  const first = awaitsReady(enrolment) && lacksLabels(enrolment) && node.uid !== enrolment.join.labelled
  if (first) return { node, first, ...withinBounds(node, { labels: terms.labels ?? {}, taints: wantedTaints(terms) }) }
  return isJoining(node) ? { node, first, allowed: none, refused: none } : undefined
}
