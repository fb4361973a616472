import { doublingPause } from '@joinery/host/doubling-pause'
import { type FailureClass, second } from '@joinery/protocol'

/**
 * First and longest pause after a failure of each class. A failure that passes by itself, or by another token, is
 * tried again soon.
 */
const pauses: Readonly<Record<FailureClass, { first: number; most: number }>> = {
  transient: { first: 4 * second, most: 60 * second },
  credential: { first: 4 * second, most: 60 * second },
  machine: { first: 30 * second, most: 300 * second },
  cluster: { first: 30 * second, most: 300 * second }
}

/**
 * Milliseconds to wait before the next attempt after `failures` in a row, the last one of this class. The pause
 * doubles, and half of it is chance, so that machines that failed together do not come back together. `random` is in
 * [0, 1).
 */
export const attemptPause = (whose: FailureClass, failures: number, random: number): number => {
  const whole = doublingPause(failures, pauses[whose])
  return Math.round(whole / 2 + (random * whole) / 2)
}

/**
 * Milliseconds between two looks at a join, after a look that took `looked`: half a second, or longer on a slow
 * machine. Looks take at most a tenth of the time, so that they leave the processor to the join. The limit is 5
 * seconds.
 */
export const pauseAfter = (looked: number): number => Math.min(5000, Math.max(500, 9 * looked))
