import { day, hasEnded } from '@joinery/protocol'
import { unsettledStrays } from '../enrolment/csr/stray-certificates.ts'
import { leftovers } from '../enrolment/facts/attempts.ts'
import { isToBan } from '../enrolment/node/certificate-ban.ts'
import type { CodeDocument, EnrolmentDocument } from '../store/store.ts'

/**
 * So long a name is banned at least after the last ban: longer than a certificate of a stock cluster is good, which is a year.
 * 13 months, in days.
 */
export const guardDays = 396

export interface Limits {
  /** How long what ended is kept as it was, in milliseconds. */
  retention: number
  /** The longest time that a kubelet's certificate of this cluster was ever good for, in days. */
  longestDays: number
  now: Date
}

/** It has ended, and nothing is left to be done about it: no Node to go, no credential to delete, no name to ban. */
const isOver = (enrolment: EnrolmentDocument): boolean =>
  hasEnded(enrolment) &&
  (enrolment.node === undefined || enrolment.node.condition === 'Gone') &&
  leftovers(enrolment).length === 0 &&
  unsettledStrays(enrolment).length === 0 &&
  !isToBan(enrolment)

const isBefore = (time: string, { now }: Limits, milliseconds: number): boolean =>
  now.getTime() - Date.parse(time) >= milliseconds

/** It is to be its essence from now on. */
export const isToShrink = (enrolment: EnrolmentDocument, limits: Limits): boolean =>
  enrolment.pruned === undefined && isOver(enrolment) && isBefore(enrolment.since, limits, limits.retention)

/**
 * Nothing that it stands for is needed any more, and it may be no more. Who claimed may have a kubelet's certificate, and who
 * made room for itself had a name banned: those stay until no certificate can be about. `others`: of the same name, or key.
 * An older one would stand for the name, or the key, in its place: that one goes first.
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

/** A ban, or what could bring one, rests on it. */
export const isGuard = ({ attempts, replaced }: EnrolmentDocument): boolean =>
  attempts.length > 0 || replaced !== undefined

const isGuardOver = ({ since, banned = since, attempts }: EnrolmentDocument, limits: Limits): boolean => {
  const last = banned > since ? banned : since
  const guard = Math.max(guardDays, limits.longestDays) * day
  const expires = attempts.flatMap(({ certificateExpires = [] }) => certificateExpires)
  return isBefore(last, limits, guard) && expires.every((time) => isBefore(time, limits, 0))
}

/** Nobody can use it, and nobody could for so long; its enrolments are another question. */
export const isCodeOver = ({ expires }: CodeDocument, limits: Limits): boolean =>
  isBefore(expires, limits, limits.retention)

/** Another enrolment of the name rests on its ban. */
export const needsBan = ({ certificateBanned, untrusted, banned }: EnrolmentDocument): boolean =>
  certificateBanned === true || untrusted !== undefined || banned !== undefined
