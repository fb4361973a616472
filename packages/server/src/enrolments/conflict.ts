import { type Conflict, next } from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'
import { type Actor, type Decision, entry, moved } from './decision.ts'

/** Enough to see who it was: a loop of knocks with ever new keys must not fill the store. */
const conflictsKept = 10

/**
 * Something that must not happen happened: freezes the enrolment where the table lists `conflict`, and alerts only
 * where it does not (joined and later).
 */
export const decideConflict = (enrolment: EnrolmentDocument, actor: Actor, reason: string, now: Date): Decision => {
  const freezes = next(enrolment.state, 'conflict') !== undefined
  return {
    enrolment: freezes ? { ...moved(enrolment, 'conflict', now), reason } : enrolment,
    entries: [entry(now, actor, 'conflict', reason, true)]
  }
}

/**
 * Another machine than the enrolment's came with its code or its key. The same one again changes nothing: an operator
 * who released the enrolment has judged it.
 */
export const decideOtherMachine = (
  enrolment: EnrolmentDocument,
  other: Conflict,
  reason: string,
  now: Date
): Decision | undefined => {
  const same = ({ key, facts }: Conflict) => key === other.key && facts.machineId === other.facts.machineId
  if (enrolment.conflicts.some(same)) return undefined
  const freezes = next(enrolment.state, 'conflict') !== undefined
  if (!freezes && enrolment.conflicts.length >= conflictsKept) return undefined
  const decision = decideConflict(enrolment, 'agent', reason, now)
  const conflicts = [...enrolment.conflicts, other].slice(-conflictsKept)
  return { ...decision, enrolment: { ...decision.enrolment, conflicts } }
}
