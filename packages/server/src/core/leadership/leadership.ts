import { ProblemError } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/**
 * Knows whether this server is the active one. It is asked just before each request that gives something to a machine, and
 * just before each answer that says so.
 */
export interface Leadership {
  /** True if the Lease surely holds still: less than 8 s since the last renewal, by whichever clock went furthest. */
  holds(): boolean
  /** Milliseconds until it must be given up. API requests that give end before that. */
  left(): number
  /** Throws ProblemError `not-active` unless it holds. */
  require(): void
}
export const Leadership = Symbol('Leadership') as InjectionToken<Leadership>

/** Leadership of a server that has its store for itself: it always holds. */
export const alwaysLeads: Leadership = {
  holds: () => true,
  left: () => Number.POSITIVE_INFINITY,
  require: () => {}
}

/** Seconds after which a caller may ask this server again. Agents ask the next one at once. */
const retryAfter = 2

/** Seconds in which a server that has the Lease reads the log, and begins to serve. */
const takeOver = 2

/**
 * The answer of a server that is not the active one. `active`: the URL of the one that is, as far as this server knows. `untilOver`:
 * milliseconds until its Lease is over, if it seems to be gone: no server can be active before, so nobody need ask.
 */
export const notActive = (active?: string, untilOver?: number): ProblemError =>
  new ProblemError(
    'not-active',
    {
      detail:
        active === undefined
          ? 'this server is not the active one, and it knows of no other that is'
          : `this server is not the active one, ${active} is`
    },
    { retryAfter: untilOver === undefined ? retryAfter : Math.ceil(untilOver / 1000) + takeOver }
  )
