import type { Check } from '@joinery/protocol'
import type { Host } from '../host.ts'

/** One prerequisite of a join. `run` reads and changes nothing. */
export interface PreflightCheck {
  /** Stable: operators and `mend` know a check by it. */
  name: string
  run(host: Host): Promise<Finding>
}

export type Finding = Omit<Check, 'name'>

export const pass = (finding: string): Finding => ({ verdict: 'pass', finding })

export const warn = (finding: string, remedy: string): Finding => ({ verdict: 'warn', finding, remedy })

/** `remedy` is a command where there is one. */
export const fail = (finding: string, remedy: string): Finding => ({ verdict: 'fail', finding, remedy })
