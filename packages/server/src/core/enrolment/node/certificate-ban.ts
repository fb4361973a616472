import { isRemoved, mustHaveNoNode } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'

/**
 * True if the name of the enrolment must be banned. A token is deleted, but a certificate that was given out cannot be taken
 * back: for minutes its holder could get a kubelet's certificate of a year for the name. So if the machine must have no Node,
 * its name is banned until the next claim. The name of a removed machine is banned whatever it had: a kubelet's certificate
 * outlives its Node. So is the name of an enrolment that is not to be trusted.
 */
export const bansItsName = (enrolment: EnrolmentDocument): boolean => {
  const { attempts } = enrolment.join
  const { untrusted } = enrolment.certificates
  if (untrusted !== undefined) return true
  return mustHaveNoNode(enrolment) && attempts.some(({ issued }) => issued !== undefined || isRemoved(enrolment))
}

/** True if the name must be banned and no ban is noted. */
export const isToBan = (enrolment: EnrolmentDocument): boolean =>
  !enrolment.certificates.nameBanned && bansItsName(enrolment)

/** Notes that the name was banned. */
export const decideCertificateBan = (enrolment: EnrolmentDocument, now: Date): Decision | undefined =>
  isToBan(enrolment)
    ? {
        enrolment: {
          ...enrolment,
          certificates: { ...enrolment.certificates, nameBanned: true, banned: now.toISOString() }
        },
        entries: [entry(now, 'server', 'banned', 'somebody may hold a certificate for the name')]
      }
    : undefined
