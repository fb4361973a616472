import { holding, next, type State } from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'

const mayRegister = (state: State): boolean => holding.includes(state) || next(state, 'register') !== undefined

/**
 * Whose a Node of a name is, by name: the enrolment that holds the name, else the newest one that may still register. What
 * an older enrolment of that name must not have, this one may. `enrolments`: in order of creation.
 */
export const ownersOf = (enrolments: readonly EnrolmentDocument[]): ReadonlyMap<string, string> => {
  const possible = enrolments.filter(({ state }) => mayRegister(state))
  const last = [
    ...possible.filter(({ state }) => !holding.includes(state)),
    ...possible.filter(({ state }) => holding.includes(state))
  ]
  return new Map(last.map(({ name, id }) => [name, id]))
}
