import { holding, live } from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'

/** Another live enrolment, of all of the same name; one that holds it counts before one that waits for it. */
export const otherEnrolment = (
  enrolment: EnrolmentDocument,
  named: readonly EnrolmentDocument[]
): string | undefined => {
  if (!live.includes(enrolment.state) && enrolment.state !== 'failed') return undefined
  const others = named.filter(({ id, state }) => id !== enrolment.id && live.includes(state))
  const other = others.find(({ state }) => holding.includes(state)) ?? others[0]
  return other && `enrolment ${other.id} (${other.state})`
}
