import type { InjectionToken } from 'tsyringe'

/** Monotonic milliseconds and waiting. */
export interface Clock {
  /** Monotonic milliseconds. They are the same in every process of this machine, from its boot on. */
  monotonic(): number
  /** The machine's own time of day, in milliseconds since 1970. It may be wrong: only compare it with the server's. */
  now(): number
  /** Resolves after `milliseconds`, or at once when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Random number, 0 <= x < 1, for jitter. */
  random(): number
}
export const Clock = Symbol('Clock') as InjectionToken<Clock>

export const systemClock: Clock = {
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
    return promise.finally(() => clearTimeout(timer))
  }
}
