import { decisionPolicy } from '@joinery/kube/names'
import type { DecisionStatus } from '@joinery/protocol/door'
import type { Clock } from '../../core/base/clock.ts'
import type { SeenDecision } from '../../core/ports/objects/decisions.ts'
import type { State } from '../state.ts'
import { type AskedObject, type AskedWorld, type RehearsalAsked, rehearsalAsked } from './asked-objects.ts'

/** A Decision as the API server has it. */
export type DecisionObject = AskedObject<DecisionStatus>
export type DecisionsWorld = AskedWorld<DecisionStatus>
export type RehearsalDecisions = RehearsalAsked<SeenDecision, DecisionStatus>

/** Decisions in memory. test/contract/decisions-contract.ts holds for them and for the real ones. */
export const rehearsalDecisions = (state: State, clock: Clock): RehearsalDecisions =>
  rehearsalAsked<SeenDecision, DecisionStatus>(state, clock, {
    kind: 'Decision',
    policy: decisionPolicy,
    nameOf: (_, uid) => `d-${uid}`,
    seen: (object, status) => ({ ...object, isSettled: status !== undefined }),
    isNews: ({ status }) => status === undefined
  })
