import type { ClusterNode, Csr } from '../cluster/cluster.ts'
import { isToBan } from '../credentials/certificate-ban.ts'
import type { EnrolmentDocument } from '../store/store.ts'
import { csrsToDeny } from './csrs-to-deny.ts'
import { csrToApprove } from './decide-csrs.ts'
import { halfJoinedNode } from './half-joined-node.ts'
import { nodeToLabel } from './node-to-label.ts'
import { unsettledStrays } from './stray-certificates.ts'
import { unwantedNode } from './unwanted-node.ts'

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
