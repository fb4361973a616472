import type { Seeded } from '@joinery/testing/chance/seeded'

/** What a machine, its kubelet or its operator does. */
export const acts = [
  'invite',
  'enrol',
  'second-key',
  'observe',
  'become-another',
  'wait',
  'approve',
  'approve-stale',
  'claim',
  'claim-twice',
  'progress',
  'ask',
  'ask-again',
  'register',
  'report-ready',
  'report-failed',
  'reject',
  'revoke',
  'release',
  'retry',
  'remove'
] as const
export type Act = (typeof acts)[number]

export interface Step {
  act: Act
  /** Before it, in milliseconds. */
  pause: number
  /** It is done until it is answered. A step that is not is tried once, and may make no sense in the present state. */
  patient: boolean
  /** After so many milliseconds who asked hangs up; undefined: it waits for the answer. */
  hangUp?: number
}

const straight: readonly Act[] = [
  'invite',
  'enrol',
  'wait',
  'approve',
  'wait',
  'claim',
  'progress',
  'ask',
  'register',
  'report-ready'
]

/** The way of one machine: the straight one, with steps left out, done again, and others between them. */
export const wayOf = (random: Seeded): Step[] => {
  const way: Step[] = straight.flatMap((act): Step[] => {
    if (random.chance(0.04)) return []
    const step: Step = { act, pause: random.integer(20, 250), patient: true }
    return random.chance(0.15) ? [{ ...step, patient: false, hangUp: random.integer(0, 15) }, step] : [step]
  })
  for (let extra = random.integer(0, 3); extra > 0; extra -= 1) {
    const step: Step = { act: random.pick(acts.slice(1)), pause: random.integer(0, 150), patient: random.chance(0.5) }
    way.splice(random.integer(1, way.length), 0, step)
  }
  if (random.chance(0.3)) way.push({ act: 'remove', pause: random.integer(20, 250), patient: true })
  return way
}

/** A name that another machine may want as well. */
export const wantsSharedName = (random: Seeded): boolean => random.chance(0.1)
