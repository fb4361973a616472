import { approvalCounts, type Facts } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/**
 * Facts of the machine that was approved. What the machine says later does not make it another one. If no approval stands, or
 * the document is from before this was kept, these are the facts that it says now.
 */
export const approvedFacts = (enrolment: Pick<EnrolmentDocument, 'state' | 'approved' | 'facts'>): Facts => {
  const { approved, facts } = enrolment
  return approved !== undefined && approvalCounts(enrolment) ? approved.facts : facts
}
