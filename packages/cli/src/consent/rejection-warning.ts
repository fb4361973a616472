import type { Enrolment, State } from '@joinery/protocol'

/** What a rejection takes away that runs by now; in the other states a machine only waits, or the server refuses. */
const effects: Partial<Record<State, string>> = {
  joining: 'ends its join, deletes its Node if one appears, and bans its name',
  joined: 'deletes its Node, without a drain, and bans its name'
}

/** What a person must hear, and agree to, before `shown` is rejected; undefined where there is nothing. */
export const rejectionWarning = ({ name, state }: Enrolment): string | undefined => {
  const effect = effects[state]
  return effect && `${name} is ${state}: rejecting it ${effect}`
}
