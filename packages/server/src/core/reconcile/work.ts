import type { KeyAlgorithm } from '@joinery/protocol'
import { csrsToDeny, type Denial } from '../enrolment/csr/csrs-to-deny.ts'
import { csrToApprove } from '../enrolment/csr/decide-csrs.ts'
import { unsettledStrays } from '../enrolment/csr/stray-certificates.ts'
import { isToBan } from '../enrolment/node/certificate-ban.ts'
import { type Labelling, nodeToLabel } from '../enrolment/node/node-to-label.ts'
import { halfJoinedNode, unwantedNode } from '../enrolment/node/unwanted-node.ts'
import type { Csr } from '../ports/cluster/csrs.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'

/** Work to do in the cluster for one enrolment, beside what is decided about it. */
export interface Work {
  /** The Node that must go. */
  unwanted: ClusterNode | undefined
  toApprove: Csr | undefined
  /** True if one of its credentials must be deleted now, or its name banned. */
  isToSettle: boolean
  labelling: Labelling | undefined
  hasStrays: boolean
  /** The Node that an attempt of a control plane left in the cluster. */
  halfJoined: ClusterNode | undefined
  toDeny: readonly Denial[]
}

/**
 * Finds all that a pass acts on for one enrolment. Nothing else asks. `toDelete`: one of its credentials must be deleted now.
 */
export const workFor = (
  enrolment: EnrolmentDocument,
  csrs: readonly Csr[],
  node: ClusterNode | undefined,
  toDelete: boolean,
  algorithm: KeyAlgorithm
): Work => ({
  unwanted: node !== undefined && unwantedNode(enrolment, node) !== undefined ? node : undefined,
  toApprove: csrToApprove(enrolment, csrs),
  isToSettle: toDelete || isToBan(enrolment),
  labelling: nodeToLabel(enrolment, node),
  hasStrays: unsettledStrays(enrolment).length > 0,
  halfJoined: halfJoinedNode(enrolment, node),
  toDeny: csrsToDeny(enrolment, csrs, algorithm)
})

/**
 * True if there is nothing to do. Only then may a pass go by the document that it has read: a part that acts reads it again.
 */
export const isNothing = ({ toDeny, isToSettle, hasStrays, ...others }: Work): boolean =>
  toDeny.length === 0 && !isToSettle && !hasStrays && Object.values(others).every((one) => one === undefined)
