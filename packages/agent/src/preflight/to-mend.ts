import type { Check, Remediation } from '@joinery/protocol'
import { isDue } from '../machine/port/mending.ts'

/**
 * The checks to mend. `safe`: all that are safe to mend. Names: these checks, whatever it takes, because a person
 * named them.
 */
export type Fix = 'safe' | readonly string[]

/** The checks to mend, and the level that they need. Checks that pass, are ignored, or need a person are left out. */
export const toMend = (checks: readonly Check[], fix: Fix): { checks: Check[]; level: Exclude<Remediation, 'off'> } => {
  const level = fix === 'safe' ? 'safe' : 'runtime'
  const due = checks.filter((check) => isDue(check, level))
  return { checks: fix === 'safe' ? due : due.filter(({ name }) => fix.includes(name)), level }
}
