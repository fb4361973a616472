import type { Check, Remediation } from '@joinery/protocol'

/** `safe`: all that is safe to mend. Names: these checks, whatever it takes, since a person named them. */
export type Fix = 'safe' | readonly string[]

/** The checks to mend, and the level that this needs. What is well, ignored, or for a person alone is left out. */
export const toMend = (checks: readonly Check[], fix: Fix): { checks: Check[]; level: Exclude<Remediation, 'off'> } => {
  const mendable = checks.filter(
    ({ verdict, mends, ignored }) => (verdict === 'fail' || verdict === 'warn') && mends !== undefined && !ignored
  )
  if (fix === 'safe') return { checks: mendable.filter(({ mends }) => mends === 'safe'), level: 'safe' }
  return { checks: mendable.filter(({ name }) => fix.includes(name)), level: 'runtime' }
}
