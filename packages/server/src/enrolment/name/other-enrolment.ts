import { holding, live } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'

/**
 * Another live enrolment, of all of the same name, which an operator is to see; one that holds the name counts before one that
 * waits for it.
 */
export const otherEnrolment = (
  enrolment: EnrolmentDocument,
  named: readonly EnrolmentDocument[]
): string | undefined => {
  if (!live.includes(enrolment.state) && enrolment.state !== 'failed') return undefined
  const other = named.find(({ id, state }) => id !== enrolment.id && live.includes(state))
  return otherHolder(enrolment, named) ?? (other && inWords(other))
}

/**
 * Another enrolment that the name was given to: while it has it nobody else gets it. One that froze after its claim has it too:
 * whoever else got it would lift the ban of what it may hold. Who waits for a name holds up nobody.
 */
export const otherHolder = (
  { id }: Pick<EnrolmentDocument, 'id'>,
  named: readonly EnrolmentDocument[]
): string | undefined => {
  const other = named.find((one) => one.id !== id && holds(one))
  return other && inWords(other)
}

const holds = ({ state, attempts }: EnrolmentDocument): boolean =>
  holding.includes(state) || (state === 'frozen' && attempts.length > 0)

const inWords = ({ id, state }: EnrolmentDocument): string => `enrolment ${id} (${state})`
