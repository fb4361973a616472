import type { InjectionToken } from 'tsyringe'

/** Monotonic milliseconds and waiting. */
export interface Clock {
  /** The same in every process of this machine, from its boot on. */
  monotonic(): number
  /** The machine's own time of day, in milliseconds since 1970: only to be compared with the server's, it may be wrong. */
  now(): number
  /** Resolves after `milliseconds`, or at once when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** 0 <= x < 1, for jitter. */
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
