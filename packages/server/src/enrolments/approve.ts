import { type ApproveRequest, attemptLimit, ProblemError, passes } from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'
import { type Decision, entry, moved } from './decision.ts'
import { requireNoNewer } from './newer.ts'

/** Approves what was shown: throws `revision-changed` where the evidence or the key is another one by now. */
export const decideApprove = (enrolment: EnrolmentDocument, shown: ApproveRequest, now: Date): Decision => {
  const approved = moved(enrolment, 'approve', now)
  if (shown.revision !== enrolment.revision || shown.key !== enrolment.key) {
    throw new ProblemError('revision-changed', {
      detail: `shown was revision ${shown.revision}, it is at ${enrolment.revision} now`,
      remedy: `look again: joinery show ${enrolment.name}`
    })
  }
  const failing = passes(enrolment.preflight) ? '' : ', while preflight fails'
  return {
    enrolment: grantAttempts(approved),
    entries: [entry(now, 'operator', 'approve', `revision ${shown.revision}, key ${shown.key}${failing}`)]
  }
}

/**
 * The same approval again after `failed`, another look after `expired`; with a fresh set of attempts. `newest`: of the same
 * key. Throws where that is another one.
 */
export const decideRetry = (
  enrolment: EnrolmentDocument,
  newest: EnrolmentDocument | undefined,
  now: Date
): Decision => {
  const retried = moved(enrolment, 'retry', now)
  requireNoNewer(newest?.id === enrolment.id ? undefined : newest)
  return { enrolment: grantAttempts(retried), entries: [entry(now, 'operator', 'retry', `from ${enrolment.state}`)] }
}

const grantAttempts = ({ reason: _, ...enrolment }: EnrolmentDocument): EnrolmentDocument => ({
  ...enrolment,
  lastAttempt: enrolment.attempts.length + attemptLimit
})
