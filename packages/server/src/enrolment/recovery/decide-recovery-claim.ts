import { isRecovering, ProblemError, recoveryLifetime } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { EnrolmentDocument } from '../../store/store.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { newAttempt, openAttempt } from '../facts/attempts.ts'

/** Throws `illegal-event` unless the way back is approved. Returns the join key that the machine asked with. */
export const requireApprovedRecovery = (enrolment: EnrolmentDocument): string => {
  const { state, recovery } = enrolment
  if (isRecovering(enrolment) && recovery?.state === 'approved' && recovery.asked !== undefined) {
    return recovery.asked.joinKey
  }
  throw new ProblemError('illegal-event', {
    detail: `a claim is not possible: the enrolment is ${state}, and its way back is ${recovery?.state ?? 'not asked for'}`
  })
}

/**
 * Opens the one attempt of an approved way back, or gives the open one again. From now on the enrolment's join key is the one
 * that the machine asked with. `joinKey`: the one by which the request was judged; throws `illegal-event` if the machine asked
 * again with another one since. A claim that is refused leaves no trace.
 */
export const decideRecoveryClaim = (
  enrolment: EnrolmentDocument,
  { joinKey, clusterNow }: { joinKey: string; clusterNow?: Date | undefined },
  now: Date
): Decision | undefined => {
  if (requireApprovedRecovery(enrolment) !== joinKey) {
    throw new ProblemError('illegal-event', { detail: 'the machine has asked with another key since' })
  }
  const { recovery, agentReady, ...others } = moved(enrolment, 'claim-recovery', now)
  if (recovery === undefined || openAttempt(enrolment) !== undefined) return undefined
  const attempt = {
    ...newAttempt({ ...enrolment, credential: 'certificate' }, '', now, { lifetime: recoveryLifetime, clusterNow }),
    recovery: true as const
  }
  const what = `the way back, attempt ${attempt.number}, CSR ${attempt.credentialCsr}, until ${attempt.deadline}`
  return {
    enrolment: {
      ...others,
      joinKey,
      attempts: [...enrolment.attempts, attempt],
      recovery: { ...recovery, attempt: attempt.number, ...given({ reported: agentReady }) }
    },
    entries: [entry(now, 'agent', 'claim-recovery', what)]
  }
}
