import type { Lifetimes } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'
import { type Decision, entry, expiry, moved } from '../decision/decision.ts'
import { decideGrantOver } from './grant.ts'
import { decideLapse } from './outcome.ts'

/** Decides what the clock alone ends: the state by its lifetime, the attempt by its deadline, or a grant. */
export const decideExpiry = (enrolment: EnrolmentDocument, now: Date, lifetimes: Lifetimes): Decision | undefined => {
  const end = expiry(enrolment, lifetimes)
  if (end === undefined || now < end) return decideLapse(enrolment, now) ?? decideGrantOver(enrolment, now)
  return {
    enrolment: moved(enrolment, 'expire', now),
    entries: [entry(now, 'server', 'expire', `${enrolment.state} since ${enrolment.since}`)]
  }
}
