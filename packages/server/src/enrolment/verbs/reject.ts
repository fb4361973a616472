import type { EnrolmentDocument } from '../../store/store.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'

export const decideReject = (enrolment: EnrolmentDocument, reason: string, now: Date): Decision => ({
  enrolment: { ...moved(enrolment, 'reject', now), reason },
  entries: [entry(now, 'operator', 'reject', reason)]
})
