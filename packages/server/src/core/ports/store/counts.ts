import type { State } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { SubjectEntry } from './timeline.ts'

/** Sizes of a store, for those who watch it. */
export interface StoreSizes {
  states: Partial<Record<State, number>>
  rows: Readonly<Record<'codes' | 'enrolments' | 'timeline' | 'outsiders' | 'decisions', number>>
  /** Bytes of its files. Zero for a store in memory. */
  bytes: Readonly<Record<'database' | 'wal', number>>
  /** Number of alerts, and time of the last one, by event. */
  alerts: Readonly<Record<string, { count: number; last: Date }>>
}

/** Counts says how much is in the store, for those who watch it. It throws as the store does. */
export interface Counts {
  /** Number of enrolments in each state. A state without an enrolment is absent. */
  countStates(): Promise<Partial<Record<State, number>>>
  /** Number of alerts since then, in all timelines, and the last `limit` of them, newest first. */
  alerts(since: Date, limit: number): Promise<{ count: number; last: SubjectEntry[] }>
  /**
   * Sizes of the store as it is now. The first call counts everything. From then on the store counts along, and the cost follows
   * the alerts that are kept.
   */
  sizes(alertsSince: Date): Promise<StoreSizes>
}
export const Counts = Symbol('Counts') as InjectionToken<Counts>
