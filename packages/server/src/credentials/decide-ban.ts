import { claimantOf, holderOf, othersThan } from '../enrolment/name/whose-name.ts'
import { bansItsName } from '../enrolment/node/certificate-ban.ts'
import type { EnrolmentDocument } from '../store/store.ts'
import { bannedFor } from './ban-reason.ts'

/** For whom the name is to be banned, if for anybody: for none while another one holds it. `named`: see whose-name.ts. */
export const bannedOne = (named: readonly EnrolmentDocument[]): EnrolmentDocument | undefined =>
  named.findLast((one) => bansItsName(one) && holderOf(othersThan(one, named)) === undefined)

/**
 * Whether a ban with this reason is of before the claim that lifted it: it came late, or the claim was cut. What the server did
 * not ban stays banned, and so does who has joined and whose own Node had to go. So does a name that was banned for an enrolment
 * that the store does not know: it may be an older store, from a backup, and the ban newer than all that it knows.
 */
export const isLifted = (reason: string, named: readonly EnrolmentDocument[]): boolean => {
  const banned = bannedFor(reason)
  const claimant = claimantOf(named)
  if (banned === undefined || claimant === undefined || bansItsName(claimant)) return false
  if (!named.some(({ id }) => id === banned.enrolment)) return false
  return claimant.state === 'joining' || banned.room || banned.enrolment !== claimant.id
}
