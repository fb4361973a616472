import { isRecovering, ProblemError, recoveryLifetime } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry, moved } from '../decision/decision.ts'
import { newAttempt, openAttempt, shortOlder, withAttempt } from '../facts/attempts.ts'

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

/** Most attempts of one approval that reboots may interrupt. Each costs the cluster a certificate. */
export const interruptionsAtMost = 5

interface Claim {
  /** The key by which the request was judged. */
  joinKey: string
  clusterNow?: Date | undefined
  /** Number of the attempt that a reboot interrupted, as the machine says. */
  interrupted?: number | undefined
}

/**
 * Opens the attempt of an approved way back, or gives the open one again. From now on the enrolment's join key is the one that the
 * machine asked with. If a reboot interrupted the open attempt, that attempt is closed first: the kubelet may have asked with a key that
 * the power cut took, and asks with another one now. Throws `illegal-event` if the machine asked again with another key since, or was
 * interrupted too often. A claim that is refused leaves no trace.
 */
export const decideRecoveryClaim = (
  enrolment: EnrolmentDocument,
  { joinKey, clusterNow, interrupted }: Claim,
  now: Date
): Decision | undefined => {
  if (requireApprovedRecovery(enrolment) !== joinKey) {
    throw new ProblemError('illegal-event', { detail: 'the machine has asked with another key since' })
  }
  const { recovery, ...others } = moved(enrolment, 'claim-recovery', now)
  const open = openAttempt(enrolment)
  if (recovery === undefined || (open !== undefined && open.number !== interrupted)) return undefined
  const attempt = {
    ...newAttempt({ ...enrolment, terms: { ...enrolment.terms, credential: 'certificate' } }, '', now, {
      lifetime: recoveryLifetime,
      clusterNow
    }),
    recovery: true as const
  }
  const closed = open === undefined ? { enrolment, entries: [] } : decideInterrupted(enrolment, open, now)
  const what = `the way back, attempt ${attempt.number}, CSR ${attempt.credentialCsr}, until ${attempt.deadline}`
  const { agentReady, ...join } = others.join
  return {
    enrolment: {
      ...others,
      join: { ...join, key: joinKey, attempts: [...shortOlder(closed.enrolment.join.attempts), attempt] },
      recovery: { ...recovery, attempt: attempt.number, ...given({ reported: agentReady }) }
    },
    entries: [...closed.entries, entry(now, 'agent', 'claim-recovery', what)]
  }
}

/** Closes the attempt that a reboot interrupted. A certificate that its kubelet asked for is not on the machine, so an operator is told. */
const decideInterrupted = (
  enrolment: EnrolmentDocument,
  { number, kubeletCsrs = [] }: AttemptDocument,
  now: Date
): Decision => {
  const approved = enrolment.recovery?.approved?.at ?? ''
  const count = enrolment.join.attempts.filter(({ recovery, claimed }) => recovery && claimed >= approved).length
  if (count > interruptionsAtMost) {
    throw new ProblemError('illegal-event', { detail: `reboots have interrupted ${count} attempts of this way back` })
  }
  const failure = 'a reboot interrupted it'
  const lost = kubeletCsrs.map(({ name, serial = 'not known yet' }) => `${name}, serial ${serial}`).join('; ')
  const detail =
    lost === ''
      ? `attempt ${number}, as the machine reports it: ${failure}`
      : `attempt ${number}, as the machine reports it: ${failure}. A certificate of it is not on the machine: lost in a power cut, ` +
        `or in the hands of somebody who had its credential (${lost})`
  return {
    enrolment: withAttempt(enrolment, number, { failure }),
    entries: [entry(now, 'agent', lost === '' ? 'recovery-interrupted' : 'certificate-lost', detail, lost !== '')]
  }
}
