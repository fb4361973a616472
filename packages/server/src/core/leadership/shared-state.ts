import type { LeadershipStatus, LogStatus } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/** State that the servers of an installation share, for status and metrics. A server whose store is its own has none. */
export interface SharedState {
  leadership(): LeadershipStatus
  /** The log as the active server writes it. Undefined for a server that stands by. */
  log(): LogStatus | undefined
}
export const SharedState = Symbol('SharedState') as InjectionToken<SharedState>
