import { doublingPause } from '@joinery/host/doubling-pause'
import { day, hour, minute, second } from '@joinery/protocol'

/** Time from a try that failed to the next one of the same notice. The schedule of Standard Webhooks, over one day. */
const delays = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 6 * hour]

/** Time after which a notice that nobody took is given up, however often it was tried. */
export const noticeLife = day

/** Time that an event may be old when its notice is made. No retention is shorter, so pruning takes nothing that is still to be told. */
export const eventLife = day

/** Share by which a delay differs from the schedule, up or down. */
const jitter = 0.1

/** Longest pause of a receiver of which tries fail. */
export const longestPause = 5 * minute

/** Longest pause that a receiver may ask for itself. */
const longestAsked = hour

/** The delay, a little longer or shorter by chance. `random` is in [0, 1). */
const about = (delay: number, random: number): number => Math.round(delay * (1 + jitter * (2 * random - 1)))

/** Milliseconds until the next try of a notice after so many that failed. Undefined if there is none. */
export const nextTry = (tries: number, random: number): number | undefined => {
  const delay = delays[tries - 1]
  return delay === undefined ? undefined : about(delay, random)
}

/**
 * Milliseconds for which a receiver gets nothing, after so many tries that failed one after the other: a dead receiver costs a
 * try in five minutes, however many notices wait for it. `asked`: the pause that it asked for.
 */
export const pauseAfter = (times: number, random: number, asked = 0): number =>
  Math.max(
    about(doublingPause(times, { first: 5 * second, most: longestPause }), random),
    Math.min(asked, longestAsked)
  )

/** Longest time that a try is ever put off. */
const longestWait = Math.max(...delays) * (1 + jitter)

/** Milliseconds until the time. A time that is further ahead than any try is put off is none: the clock was set back. */
export const until = (due: string, now: Date): number => {
  const left = Date.parse(due) - now.getTime()
  return left > longestWait ? 0 : Math.max(0, left)
}
