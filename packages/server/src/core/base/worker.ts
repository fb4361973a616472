import type { InjectionToken } from 'tsyringe'

/** A part that works as long as the server serves. What it returns is awaited before the store is closed. */
export interface Worker {
  start(stop: AbortSignal): Promise<void> | undefined
}
export const Worker = Symbol('Worker') as InjectionToken<Worker>
