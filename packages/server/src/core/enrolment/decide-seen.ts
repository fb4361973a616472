import type { KeyAlgorithm } from '@joinery/protocol'
import type { Csr } from '../ports/cluster/csrs.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import { decideCsrs } from './csr/decide-csrs.ts'
import type { Decision } from './decision/decision.ts'
import { decideNode } from './node/decide-node.ts'
import { isSettled } from './settled.ts'

/** Decides what a pass writes down about an enrolment: what its requests and its Node say. Undefined if nothing is new. */
export const decideSeen = (
  enrolment: EnrolmentDocument,
  csrs: readonly Csr[],
  node: ClusterNode | undefined,
  algorithm: KeyAlgorithm,
  now: Date,
  /** Chooses from the decision about its Node what is written now. */
  heed: (before: EnrolmentDocument, decision: Decision | undefined) => Decision | undefined = (_, decision) => decision
): Decision | undefined => {
  const fromCsrs = decideCsrs(enrolment, csrs, algorithm, now)
  const fromNode = heed(fromCsrs.enrolment, decideNode(fromCsrs.enrolment, node, now))
  if (fromNode !== undefined) return { ...fromNode, entries: [...fromCsrs.entries, ...fromNode.entries] }
  if (fromCsrs.enrolment !== enrolment) return fromCsrs
  // a document from before the store knew what is settled
  return isSettled(enrolment) && !enrolment.settled ? { enrolment, entries: [] } : undefined
}
