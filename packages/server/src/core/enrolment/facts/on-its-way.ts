import { isBeforeClaim, isOnItsWay, ProblemError } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/** Throws `not-found` if the enrolment has come to its end: its machine is told nothing more. */
export const requireOnItsWay = (enrolment: EnrolmentDocument): void => {
  if (isOnItsWay(enrolment)) return
  throw new ProblemError('not-found', { detail: `the enrolment is ${enrolment.state}` })
}

/** Throws `illegal-event` from the claim on, when the kubelet answers on the machine's ports, and `not-found` as above. */
export const requireBeforeJoin = (enrolment: EnrolmentDocument): void => {
  requireOnItsWay(enrolment)
  if (isBeforeClaim(enrolment)) return
  throw new ProblemError('illegal-event', { detail: `the machine is not dialled: the enrolment is ${enrolment.state}` })
}
