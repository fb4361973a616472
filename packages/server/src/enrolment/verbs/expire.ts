import type { Lifetimes } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'
import { type Decision, entry, expiry, moved } from '../decision/decision.ts'
import { decideGrantOver } from './grant.ts'
import { decideLapse } from './outcome.ts'

/** What the clock alone does to an enrolment: its state's lifetime, its attempt's deadline, or a grant is over. */
export const decideExpiry = (enrolment: EnrolmentDocument, now: Date, lifetimes: Lifetimes): Decision | undefined => {
  const end = expiry(enrolment, lifetimes)
  if (end === undefined || now < end) return decideLapse(enrolment, now) ?? decideGrantOver(enrolment, now)
  return {
    enrolment: moved(enrolment, 'expire', now),
    entries: [entry(now, 'server', 'expire', `${enrolment.state} since ${enrolment.since}`)]
  }
}
