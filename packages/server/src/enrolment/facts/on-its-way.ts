import { isBeforeClaim, isOnItsWay, ProblemError } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'

/** Whose enrolment has come to its end is told nothing more: throws `not-found`. */
export const requireOnItsWay = (enrolment: EnrolmentDocument): void => {
  if (isOnItsWay(enrolment)) return
  throw new ProblemError('not-found', { detail: `the enrolment is ${enrolment.state}` })
}

/** From the claim on, the kubelet answers on the machine's ports. Throws `illegal-event`, or `not-found` as above. */
export const requireBeforeJoin = (enrolment: EnrolmentDocument): void => {
  requireOnItsWay(enrolment)
  if (isBeforeClaim(enrolment)) return
  throw new ProblemError('illegal-event', { detail: `the machine is not dialled: the enrolment is ${enrolment.state}` })
}
