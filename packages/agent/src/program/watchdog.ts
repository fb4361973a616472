import { minute } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Clock } from './clock.ts'

/** Milliseconds. A step ends by its own time limits, the longest (an image that is pulled) in 10 minutes. */
const longestTurn = 15 * minute

export interface Watchdog {
  /** The loop has come round. */
  turned(): void
  stop(): void
}

/** Starts it for a loop that begins now. */
export const StartWatchdog = Symbol('StartWatchdog') as InjectionToken<() => Watchdog>

/** Where systemd asked for none. */
export const noWatchdog = (): Watchdog => ({ turned: () => {}, stop: () => {} })

export interface WatchdogParts {
  clock: Pick<Clock, 'monotonic' | 'sleep'>
  /** Milliseconds between two pings. */
  every: number
  /** Tells systemd that the agent is alive. */
  ping: () => Promise<unknown>
}

/**
 * Pings at once and at each interval, as long as the loop goes round: one that hangs in a step is as dead as a process that
 * does not answer, and systemd starts another.
 */
export const startWatchdog = ({ clock, every, ping }: WatchdogParts): Watchdog => {
  const stop = new AbortController()
  let turnedAt = clock.monotonic()
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // one that does not arrive is made good by the next: systemd waits for two
      if (clock.monotonic() - turnedAt < longestTurn) await ping().catch(() => {})
      await clock.sleep(every, stop.signal)
    }
  }
  void run()
  return {
    turned: () => {
      turnedAt = clock.monotonic()
    },
    stop: () => stop.abort()
  }
}
