import type { InjectionToken } from 'tsyringe'

export interface Clock {
  now(): Date
}
export const Clock = Symbol('Clock') as InjectionToken<Clock>

export const systemClock: Clock = { now: () => new Date() }
