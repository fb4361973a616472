import { claimed } from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'
import { bannedFor } from './ban-reason.ts'
import { bansItsName, isOwner } from './certificate-ban.ts'

/** For whom the name is to be banned; undefined: for nobody. `named`: all that have, want or had it, in order of creation. */
export const bannedOne = (named: readonly EnrolmentDocument[]): EnrolmentDocument | undefined =>
  named.findLast((one) => bansItsName(one) && isOwner(one, named))

/**
 * Whether a ban with this reason is of before the claim that lifted it: it came late, or the claim was cut. What the server did
 * not ban stays banned, and so does who has joined and whose own Node had to go.
 */
export const isLifted = (reason: string, named: readonly EnrolmentDocument[]): boolean => {
  const enrolment = bannedFor(reason)
  const holder = named.find(({ state }) => claimed.includes(state))
  if (enrolment === undefined || holder === undefined || bansItsName(holder)) return false
  return holder.state === 'joining' || enrolment !== holder.id
}
