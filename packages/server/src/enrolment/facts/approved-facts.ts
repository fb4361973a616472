import { approvalCounts, type Facts } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'

/**
 * Which machine it is that an approval was given to: what it says later makes it no other one. Where no approval stands, and of
 * a document of before this was kept, what it says now.
 */
export const approvedFacts = (enrolment: Pick<EnrolmentDocument, 'state' | 'approved' | 'facts'>): Facts => {
  const { approved, facts } = enrolment
  return approved !== undefined && approvalCounts(enrolment) ? approved.facts : facts
}
