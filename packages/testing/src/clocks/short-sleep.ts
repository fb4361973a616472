import { setTimeout } from 'node:timers/promises'

/**
 * A sleep of real time that lasts at most so many milliseconds, whatever it is asked for: others get their turn. It is over at once if
 * the signal aborts. `ref`: false if it must keep no process alive.
 */
export const shortSleep =
  (atMost: number, { ref = true } = {}) =>
  (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    setTimeout(Math.min(milliseconds, atMost), undefined, { ref, signal }).catch(() => {})
