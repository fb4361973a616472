import { beginnings, type Event, events, next, type State, states, type TimelineEntry } from '@joinery/protocol'

/** Of an event that the table lists not only the state may change: these are also written down where none does. */
const alsoNoted: readonly Event[] = ['conflict', 'evidence-changed']

const isEvent = (name: string): name is Event => (events as readonly string[]).includes(name)

/**
 * In which states the enrolment may have been after each entry of its timeline, by the table, if it is in `final` at the end.
 * `broken`: the first entry that the table does not list, or the end where the last ones lead elsewhere.
 */
export const walk = (timeline: readonly TimelineEntry[], final: State): { after: State[][]; broken?: string } => {
  let possible: State[] = [beginnings.code]
  const after: State[][] = []
  for (const { event } of timeline) {
    if (isEvent(event)) {
      const moved = possible.flatMap((state) => next(state, event) ?? [])
      const came = [...new Set(alsoNoted.includes(event) ? [...moved, ...possible] : moved)]
      if (came.length === 0) return { after, broken: `${event} in ${possible.join(' or ')}` }
      possible = came
    }
    after.push(possible)
  }
  if (!possible.includes(final))
    return { after, broken: `it is ${final}, and its timeline ends in ${possible.join(' or ')}` }
  return { after: backwards(timeline, after, final) }
}

/** Without the states from which the later entries do not lead to the end. */
const backwards = (timeline: readonly TimelineEntry[], after: State[][], final: State): State[][] => {
  const kept: State[][] = []
  let wanted: State[] = [final]
  for (let at = after.length - 1; at >= 0; at -= 1) {
    const here = (after[at] ?? []).filter((state) => wanted.includes(state))
    kept.unshift(here)
    const { event } = timeline[at] as TimelineEntry
    if (isEvent(event)) {
      wanted = states.filter((state) => {
        const to = next(state, event)
        return (to !== undefined && here.includes(to)) || (alsoNoted.includes(event) && here.includes(state))
      })
    } else wanted = here
  }
  return kept
}

/** By the table, in any number of events. */
export const leadsTo = (from: State, to: State): boolean => reachable(from).has(to)

const reachable = (from: State): Set<State> => {
  const found = new Set<State>([from])
  for (const state of found) for (const event of events) found.add(next(state, event) ?? state)
  return found
}
