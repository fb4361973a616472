import { isRecovering, type Lifetimes } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry, expiry, moved } from '../decision/decision.ts'
import { decideRecoveryLapse, decideUnclaimed } from '../recovery/decide-recovery-over.ts'
import { endRecovery } from '../recovery/end-recovery.ts'
import { decideGrantOver } from './grant.ts'
import { decideLapse } from './outcome.ts'

/** Decides what the clock alone ends: the state by its lifetime, the attempt by its deadline, or a grant. */
export const decideExpiry = (enrolment: EnrolmentDocument, now: Date, lifetimes: Lifetimes): Decision | undefined => {
  const end = expiry(enrolment, lifetimes)
  if (end === undefined || now < end) {
    return (
      decideRecoveryLapse(enrolment, now) ??
      decideUnclaimed(enrolment, now) ??
      decideLapse(enrolment, now) ??
      decideGrantOver(enrolment, now)
    )
  }
  const said = entry(now, 'server', 'expire', `${enrolment.state} since ${enrolment.since}`)
  if (isRecovering(enrolment)) {
    const over = { event: 'expire', why: 'nobody acted in time', failedBy: 'server' } as const
    return { enrolment: endRecovery(enrolment, over, now), entries: [said] }
  }
  return {
    enrolment: moved(enrolment, 'expire', now),
    entries: [said]
  }
}
