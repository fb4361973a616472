import { ProblemError, type State } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'

/** From which a machine may still come to a claim, by itself or by a retry. */
export const onItsWay: readonly State[] = ['pending', 'approved', 'joining', 'frozen', 'failed']

/** Whose enrolment has come to its end is told nothing more: throws `not-found`. */
export const requireOnItsWay = ({ state }: EnrolmentDocument): void => {
  if (!onItsWay.includes(state)) throw new ProblemError('not-found', { detail: `the enrolment is ${state}` })
}

/** From the claim on, the kubelet answers on the machine's ports. Throws `illegal-event`, or `not-found` as above. */
export const requireBeforeJoin = (enrolment: EnrolmentDocument): void => {
  requireOnItsWay(enrolment)
  const { state } = enrolment
  if (state === 'pending' || state === 'approved') return
  throw new ProblemError('illegal-event', { detail: `the machine is not dialled: the enrolment is ${state}` })
}
