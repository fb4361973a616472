import { mustHaveNoNode } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'
import { type Decision, entry } from '../decision/decision.ts'

/**
 * A token is deleted; a certificate that was given out cannot be taken back. For minutes its holder could get a kubelet's
 * one of a year for the name: where the machine is to have no Node the name is banned, until the next claim. What was removed
 * is banned whatever it had: a kubelet's certificate outlives its Node. So is the name of one that is not to be trusted.
 */
export const bansItsName = (enrolment: EnrolmentDocument): boolean => {
  const { state, attempts, untrusted } = enrolment
  if (untrusted !== undefined) return true
  return mustHaveNoNode(enrolment) && attempts.some(({ issued }) => issued !== undefined || state === 'removed')
}

/** It is not written down that it was done. */
export const isToBan = (enrolment: EnrolmentDocument): boolean => !enrolment.certificateBanned && bansItsName(enrolment)

/** Writes down that it was done. */
export const decideCertificateBan = (enrolment: EnrolmentDocument, now: Date): Decision | undefined =>
  isToBan(enrolment)
    ? {
        enrolment: { ...enrolment, certificateBanned: true, banned: now.toISOString() },
        entries: [entry(now, 'server', 'banned', 'a certificate for the name may be about')]
      }
    : undefined
