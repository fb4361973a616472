import type { EventsQuery } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/** The changes of enrolments, for whoever follows them. */
export interface Events {
  /**
   * Text of a stream of server-sent events, until `signal`. `after`: the id of the last event that its reader has. Throws
   * `too-many-requests` if as many follow as may.
   */
  follow(query: EventsQuery, after: string | undefined, signal: AbortSignal): AsyncIterable<string>
}
export const Events = Symbol('Events') as InjectionToken<Events>
