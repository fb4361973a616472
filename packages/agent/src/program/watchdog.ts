import { minute } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Clock } from './clock.ts'

/**
 * Longest turn of the loop, in milliseconds. A step ends by its own time limits. The longest step, pulling an image,
 * ends in 10 minutes.
 */
const longestTurn = 15 * minute

export interface Watchdog {
  /** Says that the loop has come round. */
  turned(): void
  stop(): void
}

/** Starts a watchdog for a loop that begins now. */
export const StartWatchdog = Symbol('StartWatchdog') as InjectionToken<() => Watchdog>

/** The watchdog if systemd asked for none. */
export const noWatchdog = (): Watchdog => ({ turned: () => {}, stop: () => {} })

export interface WatchdogParts {
  clock: Pick<Clock, 'monotonic' | 'sleep'>
  /** Milliseconds between two pings. */
  every: number
  /** Tells systemd that the agent is alive. */
  ping: () => Promise<unknown>
}

/**
 * Pings at once and at each interval, as long as the loop goes round. A loop that hangs in a step is as dead as a
 * process that does not answer: systemd starts another agent.
 */
export const startWatchdog = ({ clock, every, ping }: WatchdogParts): Watchdog => {
  const stop = new AbortController()
  let turnedAt = clock.monotonic()
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // a ping that does not arrive is made good by the next: systemd waits for two
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
