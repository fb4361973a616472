import { awaitsNode, type Conflict, hasEnded, next, type TimelineEntry } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { withShown } from '../facts/shown.ts'
import { boundedFacts } from './bounded-evidence.ts'
import { type Actor, type Decision, entry, moved } from './decision.ts'

/**
 * Most conflicts that an enrolment keeps. They show who it was, and a loop of knocks with ever new keys must not fill the
 * store.
 */
const conflictsKept = 10

/**
 * Decides about something that must not happen and did. Freezes the enrolment if the table lists `conflict` for its state.
 * Otherwise (joined and later) it only alerts.
 */
export const decideConflict = (enrolment: EnrolmentDocument, actor: Actor, reason: string, now: Date): Decision => {
  const alerted = alertOnly(enrolment, actor, reason, now)
  if (next(enrolment.state, 'conflict') === undefined) return alerted
  return { ...alerted, enrolment: { ...moved(enrolment, 'conflict', now), reason } }
}

/**
 * True if a further key with the code cannot freeze this enrolment. An approval or a release said which key is right, or an
 * operator revoked the code: anybody else who has the code must not be able to stop that machine. For a document from before
 * this was kept, one approval closes the code.
 */
export const isCodeClosed = (enrolment: EnrolmentDocument): boolean =>
  enrolment.conflict.codeClosed !== undefined || enrolment.approval.addresses !== undefined || awaitsNode(enrolment)

/** The enrolment with its code closed from now on, if it was not closed before. */
export const closeCode = (enrolment: EnrolmentDocument, now: Date): EnrolmentDocument => ({
  ...enrolment,
  conflict: { ...enrolment.conflict, codeClosed: enrolment.conflict.codeClosed ?? now.toISOString() }
})

/** The one who revokes a code: an operator, or the cluster, where somebody deleted its Code. */
export type Revoker = Extract<Actor, 'operator' | 'cluster'>

/** Entry about a code that was revoked. `what`: the code, if the timeline is not its own. */
export const revocation = (by: Revoker, what: string, now: Date): TimelineEntry => {
  const why = by === 'cluster' ? 'its Code was deleted in Kubernetes' : ''
  return entry(now, by, 'revoke', [what, why].filter(Boolean).join(': '))
}

/** Notes that the code of the enrolment was revoked. */
export const decideCodeRevoked = (enrolment: EnrolmentDocument, by: Revoker, now: Date): Decision => ({
  enrolment: withShown(enrolment, closeCode(enrolment, now)),
  entries: [revocation(by, `code ${enrolment.code}`, now)]
})

/** Decides about another key that came with the code. Freezes as long as the code is open, and alerts afterwards. */
export const decideSecondKey = (
  enrolment: EnrolmentDocument,
  other: Conflict,
  reason: string,
  now: Date
): Decision | undefined =>
  hasEnded(enrolment)
    ? undefined
    : withOther(enrolment, other, isCodeClosed(enrolment) ? alertOnly : decideConflict, reason, now)

/** Decides about the key of the enrolment if it came with another machine. */
export const decideOtherMachine = (
  enrolment: EnrolmentDocument,
  other: Conflict,
  reason: string,
  now: Date
): Decision | undefined => withOther(enrolment, other, decideConflict, reason, now)

/**
 * Adds the other party to the conflicts. The same party again changes nothing: an operator who released the enrolment has
 * judged it.
 */
const withOther = (
  enrolment: EnrolmentDocument,
  other: Conflict,
  decide: typeof decideConflict,
  reason: string,
  now: Date
): Decision | undefined => {
  const same = ({ key, facts }: Conflict) => key === other.key && facts.machineId === other.facts.machineId
  if (enrolment.conflict.seen.some(same)) return undefined
  const decision = decide(enrolment, 'agent', reason, now)
  const freezes = decision.enrolment.state !== enrolment.state
  if (!freezes && enrolment.conflict.seen.length >= conflictsKept) return undefined
  const kept = { ...other, facts: boundedFacts(other.facts) }
  const conflicts = [...enrolment.conflict.seen, kept].slice(-conflictsKept)
  return {
    ...decision,
    enrolment: { ...decision.enrolment, conflict: { ...decision.enrolment.conflict, seen: conflicts } }
  }
}

const alertOnly: typeof decideConflict = (enrolment, actor, reason, now) => ({
  enrolment,
  entries: [entry(now, actor, 'conflict', reason, true)]
})
