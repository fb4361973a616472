import { codePolicy } from '@joinery/kube/names'
import type { CodeStatusView } from '@joinery/protocol/door'
import type { Clock } from '../../core/base/clock.ts'
import type { SeenCode } from '../../core/ports/objects/codes.ts'
import type { State } from '../state.ts'
import { type AskedObject, type AskedWorld, type RehearsalAsked, rehearsalAsked } from './asked-objects.ts'

/** A Code as the API server has it. */
export type CodeObject = AskedObject<CodeStatusView>
export type CodesWorld = AskedWorld<CodeStatusView>
export type RehearsalCodes = RehearsalAsked<SeenCode, CodeStatusView>

/** Codes in memory, each named by its hash. test/contract/codes-contract.ts holds for them and for the real ones. */
export const rehearsalCodes = (state: State, clock: Clock): RehearsalCodes =>
  rehearsalAsked<SeenCode, CodeStatusView>(state, clock, {
    kind: 'Code',
    policy: codePolicy,
    nameOf: (spec, uid) => ('hash' in spec ? String(spec.hash) : uid),
    seen: (object, status) => ({ ...object, status }),
    isNews: ({ status }, phase) => phase === 'DELETED' || status === undefined
  })
