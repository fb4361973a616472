import { holding, next } from '@joinery/protocol'
import type { EnrolmentHead } from '../../store/store.ts'

/**
 * Whose a Node of a name is, by name: the enrolment that holds the name, else the newest one that may still register, else the
 * newest one. What an older enrolment of that name must not have, this one may. `enrolments`: in order of creation.
 */
export const ownersOf = (
  enrolments: readonly Pick<EnrolmentHead, 'id' | 'name' | 'state'>[]
): ReadonlyMap<string, string> => {
  const mayRegister = enrolments.filter(({ state }) => next(state, 'register') !== undefined)
  const held = enrolments.filter(({ state }) => holding.includes(state))
  // the last one of a name counts
  return new Map([...enrolments, ...mayRegister, ...held].map(({ name, id }) => [name, id]))
}
