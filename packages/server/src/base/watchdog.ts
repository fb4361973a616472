import type { Timers } from './clock.ts'

export interface WatchdogParts {
  /** Milliseconds between two pings. */
  every: number
  /** Tells systemd that the server is alive. */
  ping: () => Promise<unknown>
  timers: Timers
}

/**
 * Pings at each interval, as long as the event loop turns: what hangs there answers nobody, and systemd starts another.
 * What the server waits for, such as the cluster, is no reason: a new process would wait for it as well.
 */
export const startWatchdog = ({ every, ping, timers }: WatchdogParts): { stop(): void } => {
  // one that does not arrive is made good by the next: systemd waits for two
  const timer = timers.setInterval(() => void ping().catch(() => {}), every)
  timer.unref()
  return { stop: () => timers.clearInterval(timer) }
}
