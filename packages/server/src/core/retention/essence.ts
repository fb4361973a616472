import { noFacts } from '@joinery/protocol'
import type { AttemptDocument, EnrolmentDocument } from '../ports/store/store.ts'

/**
 * Cuts an enrolment that ended long ago to what a rule still reads: whose name, key and code it had, what it was given, and
 * what was done about it. Its evidence goes, and so does its timeline. It is the same enrolment, so no rule needs to know of
 * the difference but one: it cannot be retried.
 */
export const essenceOf = (enrolment: EnrolmentDocument, now: Date): EnrolmentDocument => {
  const { approved, borrowed, approvedAddresses, joinKey, sealKey, readyWhen, service, ...others } = enrolment
  const { agentReady, servingCsrs, labels, taints, policy, grant, flap, shownAt, makingRoom, ...rest } = others
  const { cause, causesTold, reported, agentSaid, ...kept } = rest
  return {
    ...kept,
    address: '',
    facts: noFacts,
    preflight: [],
    conflicts: [],
    attempts: enrolment.attempts.map(attemptEssence),
    pruned: now.toISOString()
  }
}

/** Cuts an attempt: only that it failed counts, and one line of the reason. */
const attemptEssence = ({ stage: _, ...attempt }: AttemptDocument): AttemptDocument =>
  attempt.failure === undefined ? attempt : { ...attempt, failure: firstLine(attempt.failure) }

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 200)
