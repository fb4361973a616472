import { claimed } from '@joinery/protocol'
import { bansItsName, isOwner } from '../enrolment/node/certificate-ban.ts'
import type { EnrolmentDocument } from '../store/store.ts'
import { bannedFor } from './ban-reason.ts'

/** For whom the name is to be banned; undefined: for nobody. `named`: all that have, want or had it, in order of creation. */
export const bannedOne = (named: readonly EnrolmentDocument[]): EnrolmentDocument | undefined =>
  named.findLast((one) => bansItsName(one) && isOwner(one, named))

/**
 * Whether a ban with this reason is of before the claim that lifted it: it came late, or the claim was cut. What the server did
 * not ban stays banned, and so does who has joined and whose own Node had to go. So does a name that was banned for an enrolment
 * that the store does not know: it may be an older store, from a backup, and the ban newer than all that it knows.
 */
export const isLifted = (reason: string, named: readonly EnrolmentDocument[]): boolean => {
  const banned = bannedFor(reason)
  const holder = named.find(({ state }) => claimed.includes(state))
  if (banned === undefined || holder === undefined || bansItsName(holder)) return false
  if (!named.some(({ id }) => id === banned.enrolment)) return false
  return holder.state === 'joining' || banned.room || banned.enrolment !== holder.id
}
