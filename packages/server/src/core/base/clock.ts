import type { InjectionToken } from 'tsyringe'

export interface Clock {
  now(): Date
}
export const Clock = Symbol('Clock') as InjectionToken<Clock>

/** Milliseconds by which the clocks of two servers may differ: what was given so soon after a fork counts as given before. */
export const clocksDiffer = 60_000

export const systemClock: Clock = { now: () => new Date() }

/**
 * Milliseconds of a clock that nobody sets, and that has no date. It measures waits and durations within this process.
 */
export type Monotonic = () => number
export const Monotonic = Symbol('Monotonic') as InjectionToken<Monotonic>

export const systemMonotonic: Monotonic = () => performance.now()

/** Timers that go by the monotonic clock. */
export interface Timers {
  setInterval(act: () => void, milliseconds: number): { unref(): unknown }
  clearInterval(timer: unknown): void
}
