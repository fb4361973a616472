import type { ClusterNode, Csr } from '../cluster/cluster.ts'
import { csrsToDeny } from '../enrolment/csr/csrs-to-deny.ts'
import { csrToApprove } from '../enrolment/csr/decide-csrs.ts'
import { unsettledStrays } from '../enrolment/csr/stray-certificates.ts'
import { isToBan } from '../enrolment/node/certificate-ban.ts'
import { halfJoinedNode } from '../enrolment/node/half-joined-node.ts'
import { nodeToLabel } from '../enrolment/node/node-to-label.ts'
import { unwantedNode } from '../enrolment/node/unwanted-node.ts'
import type { EnrolmentDocument } from '../store/store.ts'

/**
 * Something is to be done in the cluster for this enrolment, beside what is decided of it: all that a pass acts on is asked here.
 * Only where it is nothing may a pass go by the document that it has read: what acts reads it again. `toDelete`: of its credentials
 * something is to be deleted now.
 */
export const hasWork = (
  enrolment: EnrolmentDocument,
  csrs: readonly Csr[],
  node: ClusterNode | undefined,
  toDelete: boolean
): boolean =>
  (node !== undefined && unwantedNode(enrolment, node) !== undefined) ||
  csrToApprove(enrolment, csrs) !== undefined ||
  toDelete ||
  isToBan(enrolment) ||
  nodeToLabel(enrolment, node) !== undefined ||
  unsettledStrays(enrolment).length > 0 ||
  halfJoinedNode(enrolment, node) !== undefined ||
  csrsToDeny(enrolment, csrs).length > 0
