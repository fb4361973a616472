import type { DecisionStatus } from '@joinery/protocol/door'
import type { InjectionToken } from 'tsyringe'
import type { AskedObjects, SeenObject } from './asked-objects.ts'

/** The Decisions of the cluster. */
export type Decisions = AskedObjects<SeenDecision, DecisionStatus>
export const Decisions = Symbol('Decisions') as InjectionToken<Decisions>

/** A Decision as the cluster has it. */
export interface SeenDecision extends SeenObject {
  /** True if its status has a result. */
  isSettled: boolean
}
