import { day, hasEnded } from '@joinery/protocol'
import { unsettledStrays } from '../enrolment/csr/stray-certificates.ts'
import { leftovers } from '../enrolment/facts/attempts.ts'
import { isToBan } from '../enrolment/node/certificate-ban.ts'
import type { CodeDocument } from '../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'

/**
 * Days that a name stays banned at least after its last ban: 13 months. That is longer than a certificate of a stock cluster is
 * good, which is a year.
 */
export const guardDays = 396

export interface Limits {
  /** Milliseconds for which an enrolment that ended is kept as it was. */
  retention: number
  /** The longest time that a kubelet's certificate of this cluster was ever good for, in days. */
  longestDays: number
  now: Date
}

/**
 * True if the enrolment has ended and nothing is left to be done about it: no Node to go, no credential to delete, no name to
 * ban.
 */
const isOver = (enrolment: EnrolmentDocument): boolean =>
  hasEnded(enrolment) &&
  (enrolment.node === undefined || enrolment.node.condition === 'Gone') &&
  leftovers(enrolment).length === 0 &&
  unsettledStrays(enrolment).length === 0 &&
  !isToBan(enrolment)

const isBefore = (time: string, { now }: Limits, milliseconds: number): boolean =>
  now.getTime() - Date.parse(time) >= milliseconds

/** True if the enrolment must be cut to its essence now. */
export const isToShrink = (enrolment: EnrolmentDocument, limits: Limits): boolean =>
  enrolment.pruned === undefined && isOver(enrolment) && isBefore(enrolment.since, limits, limits.retention)

/**
 * True if nothing needs the enrolment any more, and it may be deleted. A machine that claimed may have a kubelet's certificate,
 * and one that made room for itself had a name banned. Those enrolments stay until no certificate can be about. `others`:
 * enrolments of the same name, or key. An older one would stand for the name or the key instead, so that one goes first.
 */
export const isForgettable = (
  enrolment: EnrolmentDocument,
  others: readonly EnrolmentDocument[],
  limits: Limits
): boolean =>
  enrolment.pruned !== undefined &&
  isOver(enrolment) &&
  isBefore(enrolment.since, limits, limits.retention) &&
  (!isGuard(enrolment) || isGuardOver(enrolment, limits)) &&
  !others.some((other) => other.id !== enrolment.id && other.created <= enrolment.created)

/** True if a ban, or what could bring one, rests on the enrolment. */
export const isGuard = ({ join: { attempts }, approval: { replaced } }: EnrolmentDocument): boolean =>
  attempts.length > 0 || replaced !== undefined

const isGuardOver = (
  { since, certificates: { banned = since }, join: { attempts } }: EnrolmentDocument,
  limits: Limits
): boolean => {
  const last = banned > since ? banned : since
  const guard = Math.max(guardDays, limits.longestDays) * day
  const expires = attempts.flatMap(({ certificateExpires = [] }) => certificateExpires)
  return isBefore(last, limits, guard) && expires.every((time) => isBefore(time, limits, 0))
}

/** True if nobody can use the code, and nobody could for the whole retention. Its enrolments are another question. */
export const isCodeOver = ({ expires }: CodeDocument, limits: Limits): boolean =>
  isBefore(expires, limits, limits.retention)

/** True if this enrolment needs the ban of its name. */
export const needsBan = ({ certificates: { nameBanned, untrusted, banned } }: EnrolmentDocument): boolean =>
  nameBanned === true || untrusted !== undefined || banned !== undefined
