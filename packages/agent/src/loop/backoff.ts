import { second } from '@joinery/protocol'
import { NoResult } from '../pairing/pairing-server.ts'

/** Longest pause that the agent grants. A longer request may be a mistake, or may not be from the server. */
const longestAsked = 5 * 60_000

/** Milliseconds of the longest pause while a server that stands by is about to become active. */
const longestUntilTakeOver = 5_000

/**
 * Milliseconds to wait after this error, the `failures`th in a row. Another server is asked nearly at once: the agents of a server that
 * has just died must not come to the next one in the same instant. Any other pause is as `backoff` has it.
 */
export const pauseAfterError = (error: unknown, failures: number, random: number, forPerson: boolean): number => {
  if (!(error instanceof NoResult)) return backoff(failures, random, forPerson, 0)
  if (error.next === 'elsewhere') return random * second
  if (error.next !== 'soon') return backoff(failures, random, forPerson, error.retryAfter)
  return (
    Math.min(error.retryAfter, longestUntilTakeOver) +
    Math.min(backoff(failures, random, false, 0), random * longestUntilTakeOver + 250)
  )
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
  return random * Math.min(30_000, 1000 * 2 ** Math.min(failures, 5)) + 250
}
