import { isRecovering, type OwnEnrolment, type Recovery } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { changedSince } from './doubts.ts'

/** The way back as operators see it. Undefined if the machine never asked for one that was taken, or that froze. */
export const recoveryView = (enrolment: EnrolmentDocument): Recovery | undefined => {
  const { recovery, address } = enrolment
  const { seen } = enrolment.certificates
  const { evidence: approved } = enrolment.approval
  if (recovery === undefined || (recovery.asked === undefined && recovery.other === undefined)) return undefined
  const { state, since, why, asked, other, notReadySince, lease } = recovery
  const last = seen && { serial: seen.serial, notAfter: seen.notAfter }
  return {
    state,
    since,
    ...given({ why, asked, other, lastSeen: last, notReadySince, lease }),
    addressBefore: approved?.address ?? address,
    changed: asked === undefined ? [] : changedSince(enrolment, asked)
  }
}

/** The way back as the enrolment's own agent is told of it. */
export const ownRecovery = (enrolment: EnrolmentDocument): OwnEnrolment['recovery'] =>
  isRecovering(enrolment) ? { state: enrolment.recovery?.state === 'approved' ? 'approved' : 'waiting' } : undefined
