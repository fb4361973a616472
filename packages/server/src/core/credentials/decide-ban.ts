import { hasOpenAttempt } from '@joinery/protocol'
import { claimantOf, holderOf, othersThan } from '../enrolment/name/whose-name.ts'
import { bansItsName } from '../enrolment/node/certificate-ban.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import { bannedFor } from './ban-reason.ts'

/**
 * The enrolment that the name must be banned for, if any. Undefined while another enrolment holds the name. `named`: see
 * whose-name.ts.
 */
export const bannedOne = (named: readonly EnrolmentDocument[]): EnrolmentDocument | undefined =>
  named.findLast((one) => bansItsName(one) && holderOf(othersThan(one, named)) === undefined)

/**
 * True if a ban with this reason is from before the claim that lifted it: the ban came late, or the claim was cut. A name that
 * somebody else banned stays banned. So does the name of an enrolment that has joined and whose own Node had to go. So does a
 * name that was banned for an enrolment that the store does not know. Such a store may be an older one, from a backup, and the
 * ban newer than all that it knows.
 */
export const isLifted = (reason: string, named: readonly EnrolmentDocument[]): boolean => {
  const banned = bannedFor(reason)
  const claimant = claimantOf(named)
  if (banned === undefined || claimant === undefined || bansItsName(claimant)) return false
  if (!named.some(({ id }) => id === banned.enrolment)) return false
  return hasOpenAttempt(claimant) || banned.room || banned.enrolment !== claimant.id
}
