import { doublingPause } from '@joinery/host/doubling-pause'
import { second } from '@joinery/protocol'
import { NoResult, saysWhen } from '../pairing/pairing-server.ts'

/** Longest pause that the agent grants. A longer request may be a mistake, or may not be from the server. */
const longestAsked = 5 * 60_000

/** Milliseconds of the longest pause that a server which stands by may ask for: a Lease lasts 12 s. */
const longestUntilTakeOver = 16_000

/** Milliseconds in which agents spread that were told when a server becomes active. Longer pauses between two tries help nobody. */
const spread = 4_000

/** The failures in a row. */
export interface Failures {
  all: number
  /** The failures since a server last said that it stands by: such a word is a sign of life. */
  lonely: number
}
export const noFailures: Failures = { all: 0, lonely: 0 }

/** The failures with this one. A server that is left for another one does not count: the round is not over. */
export const withFailure = ({ all, lonely }: Failures, error: unknown): Failures => {
  if (isPassedOver(error)) return { all, lonely }
  return { all: all + 1, lonely: takesOverSoon(error) ? 0 : lonely + 1 }
}

/** True if the agent asks another server now, and has not failed yet. */
export const isPassedOver = (error: unknown): boolean => error instanceof NoResult && error.next === 'elsewhere'

const takesOverSoon = (error: unknown): error is NoResult => error instanceof NoResult && error.next === 'soon'

/**
 * Milliseconds to wait after this error, if there were those before it. Another server is asked nearly at once: the agents of a server that
 * has just died must not come to the next one in the same instant. Any other pause is as `backoff` has it.
 */
export const pauseAfterError = (error: unknown, before: Failures, random: number, forPerson: boolean): number => {
  if (isPassedOver(error)) return random * second
  if (!takesOverSoon(error)) {
    return backoff(before.lonely, random, forPerson, error instanceof NoResult ? error.retryAfter : 0)
  }
  const asked = Math.min(error.retryAfter, longestUntilTakeOver)
  const apart = random * spread + 250
  return asked + (saysWhen(error) ? apart : Math.min(backoff(before.all, random, false, 0), apart))
}

/**
 * Milliseconds to wait before the next try after `failures` in a row: full jitter under a cap that doubles from 1 s
 * to 30 s. `random` is in [0, 1). If only a person can help, about a minute. The pause that the server `asked` for
 * comes on top: the server asked the other agents for the same, and they must not come back together.
 */
export const backoff = (failures: number, random: number, forPerson: boolean, asked: number): number =>
  Math.min(asked, longestAsked) + jitter(failures, random, forPerson)

const jitter = (failures: number, random: number, forPerson: boolean): number => {
  if (forPerson) return 45_000 + random * 30_000
  return random * doublingPause(failures + 1, { first: second, most: 30 * second }) + 250
}
