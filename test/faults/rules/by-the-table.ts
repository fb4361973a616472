import { type History, sightings } from '../history.ts'
import { leadsTo, walk } from './walk.ts'

/** States change by the table of `enrolment.ts` and not otherwise: in each timeline, and from one answer to the next. */
export const byTheTable = (history: History): string[] => [
  ...history.enrolments.flatMap(({ id, timeline, state }) => {
    const { broken } = walk(timeline, state)
    return broken === undefined ? [] : [`${id}: ${broken}`]
  }),
  ...Map.groupBy(sightings(history), ({ id, side }) => `${side} ${id}`)
    .entries()
    .flatMap(([whose, seen]) => {
      const inOrder = seen.toSorted((one, other) => one.revision - other.revision)
      return inOrder.flatMap((later, at) => {
        const { state, revision } = inOrder[at - 1] ?? later
        if (revision === later.revision && state !== later.state)
          return [`${whose}: revision ${revision} is ${state} and ${later.state}`]
        if (leadsTo(state, later.state)) return []
        return [`${whose}: ${state} at ${revision}, ${later.state} at ${later.revision}`]
      })
    })
]
