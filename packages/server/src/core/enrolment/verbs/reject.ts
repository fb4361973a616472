import { isRecovering } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { decideRejectRecovery } from '../recovery/operator-verbs.ts'

/** Rejects the machine for good. Of one that has joined, and asks for the way back, only that is refused. */
export const decideReject = (enrolment: EnrolmentDocument, reason: string, now: Date): Decision =>
  isRecovering(enrolment)
    ? decideRejectRecovery(enrolment, reason, now)
    : {
        enrolment: { ...moved(enrolment, 'reject', now), reason },
        entries: [entry(now, 'operator', 'reject', reason)]
      }
