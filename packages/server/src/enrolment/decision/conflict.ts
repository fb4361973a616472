import { awaitsNode, type Conflict, hasEnded, next } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'
import { withShown } from '../facts/shown-revision.ts'
import { type Actor, type Decision, entry, moved } from './decision.ts'

/** Enough to see who it was: a loop of knocks with ever new keys must not fill the store. */
const conflictsKept = 10

/**
 * Something that must not happen happened: freezes the enrolment where the table lists `conflict`, and alerts only
 * where it does not (joined and later).
 */
export const decideConflict = (enrolment: EnrolmentDocument, actor: Actor, reason: string, now: Date): Decision => {
  const alerted = alertOnly(enrolment, actor, reason, now)
  if (next(enrolment.state, 'conflict') === undefined) return alerted
  return { ...alerted, enrolment: { ...moved(enrolment, 'conflict', now), reason } }
}

/**
 * An approval or a release said which key is right, or an operator revoked the code: whoever has the code as well must not
 * be able to stop that machine. A document of before this was kept is closed where it was approved once.
 */
export const isCodeClosed = (enrolment: EnrolmentDocument): boolean =>
  enrolment.codeClosed !== undefined || enrolment.approvedAddresses !== undefined || awaitsNode(enrolment)

/** From now on, where it was not closed before. */
export const closeCode = (enrolment: EnrolmentDocument, now: Date): EnrolmentDocument => ({
  ...enrolment,
  codeClosed: enrolment.codeClosed ?? now.toISOString()
})

/** An operator revoked the code that it used. */
export const decideCodeRevoked = (enrolment: EnrolmentDocument, now: Date): Decision => ({
  enrolment: withShown(enrolment, closeCode(enrolment, now)),
  entries: [entry(now, 'operator', 'revoke', `code ${enrolment.code}`)]
})

/** Another key came with the code: freezes as long as the code is open, alerts afterwards. */
export const decideSecondKey = (
  enrolment: EnrolmentDocument,
  other: Conflict,
  reason: string,
  now: Date
): Decision | undefined =>
  hasEnded(enrolment)
    ? undefined
    : withOther(enrolment, other, isCodeClosed(enrolment) ? alertOnly : decideConflict, reason, now)

/** The key of the enrolment came with another machine. */
export const decideOtherMachine = (
  enrolment: EnrolmentDocument,
  other: Conflict,
  reason: string,
  now: Date
): Decision | undefined => withOther(enrolment, other, decideConflict, reason, now)

/** The same one again changes nothing: an operator who released the enrolment has judged it. */
const withOther = (
  enrolment: EnrolmentDocument,
  other: Conflict,
  decide: typeof decideConflict,
  reason: string,
  now: Date
): Decision | undefined => {
  const same = ({ key, facts }: Conflict) => key === other.key && facts.machineId === other.facts.machineId
  if (enrolment.conflicts.some(same)) return undefined
  const decision = decide(enrolment, 'agent', reason, now)
  const freezes = decision.enrolment.state !== enrolment.state
  if (!freezes && enrolment.conflicts.length >= conflictsKept) return undefined
  const conflicts = [...enrolment.conflicts, other].slice(-conflictsKept)
  return { ...decision, enrolment: { ...decision.enrolment, conflicts } }
}

const alertOnly: typeof decideConflict = (enrolment, actor, reason, now) => ({
  enrolment,
  entries: [entry(now, actor, 'conflict', reason, true)]
})
