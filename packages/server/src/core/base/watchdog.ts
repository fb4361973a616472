import type { Timers } from './clock.ts'

export interface WatchdogParts {
  /** Milliseconds between two pings. */
  every: number
  /** Tells systemd that the server is alive. */
  ping: () => Promise<unknown>
  timers: Timers
}

/**
 * Pings at each interval, as long as the event loop turns. A server that hangs answers nobody, and systemd starts
 * another. It pings even while the server waits for something, such as the cluster: a new process would wait as well.
 */
export const startWatchdog = ({ every, ping, timers }: WatchdogParts): { stop(): void } => {
  // if one ping does not arrive, the next one replaces it: systemd waits for two
  const timer = timers.setInterval(() => void ping().catch(() => {}), every)
  timer.unref()
  return { stop: () => timers.clearInterval(timer) }
}
