import { hasJoined, mayHaveNode } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/** The enrolment without what is kept of a Node that is not Ready: the Node is Ready, or gone. */
export const withoutCause = ({ cause, reported, ...others }: EnrolmentDocument): EnrolmentDocument => others

/** The enrolment after a change of its state. A cause is of its own Node, and a report of a machine that may have one. */
export const withCauseOfState = (enrolment: EnrolmentDocument): EnrolmentDocument => {
  if (!mayHaveNode(enrolment)) return withoutCause(enrolment)
  const { cause, ...others } = enrolment
  return cause === undefined || hasJoined(enrolment) ? enrolment : others
}
