import type { InjectionToken } from 'tsyringe'

/** Monotonic milliseconds and waiting. The machine's wall clock may be wrong, and nothing is decided by it. */
export interface Clock {
  monotonic(): number
  /** Resolves after `milliseconds`, or at once when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** 0 <= x < 1, for jitter. */
  random(): number
}
export const Clock = Symbol('Clock') as InjectionToken<Clock>

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
    return promise.finally(() => clearTimeout(timer))
  }
}
