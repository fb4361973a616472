import type { DecisionStatus } from '@joinery/protocol/door'
import type { InjectionToken } from 'tsyringe'

/**
 * The Decisions of the cluster. Each call throws `cluster-unavailable` if the API server does not answer or cannot serve now, and
 * `NotSetUp` if the cluster has not got what the call needs.
 */
export interface Decisions {
  /** The next Decisions. Undefined if the cluster has forgotten the list (410), which must then begin again. */
  page(limit: number, after?: string): Promise<DecisionPage | undefined>
  /** Asks the cluster whether a Decision by somebody else would be refused. Nothing is made. */
  probe(): Promise<ProbeAnswer>
  /** Says what became of a Decision. False if it has changed, or is gone: nothing was written. */
  settle(decision: SeenDecision, status: DecisionStatus): Promise<boolean>
  /** Deletes exactly this Decision. That it is gone already is success. */
  delete(decision: Pick<SeenDecision, 'name' | 'uid'>): Promise<void>
  /** Calls `changed` if there may be an open Decision, until `signal` aborts. It never throws, and may miss something. */
  watch(changed: () => void, signal: AbortSignal): void
}
export const Decisions = Symbol('Decisions') as InjectionToken<Decisions>

export interface DecisionPage {
  items: SeenDecision[]
  /** Place of the next page. Absent if this is the last one. */
  next?: string
}

/** A Decision as the cluster has it. Nobody has looked at `spec` but the API server, whose schema may be another one. */
export interface SeenDecision {
  name: string
  uid: string
  resourceVersion: string
  /** Time at which it was made, by the API server's clock. */
  created: Date
  spec: unknown
  /** True if its status has a result. */
  isSettled: boolean
}

/**
 * - refused: the policy joinery-decisions refuses it, so each Decision is by whom it names, and they may
 * - allowed: nothing refuses it, so a Decision may be by anybody
 * - unknown: something else refuses it, and nothing is known of the policy
 */
export type ProbeAnswer = { answer: 'refused' } | { answer: 'allowed' | 'unknown'; words: string }
