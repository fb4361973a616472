import { type Event, isRecovering, type RecoveryState } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { RecoveryDocument } from '../../ports/store/documents/recovery-document.ts'
import { moved } from '../decision/decision.ts'
import { withAttempt } from '../facts/attempts.ts'

interface End {
  /** The event by which it ends, for an enrolment that was ready before. */
  event: Extract<Event, 'end-recovery' | 'reject' | 'expire' | 'restore'>
  /** State of the way back afterwards. */
  state?: Exclude<RecoveryState, 'waiting' | 'approved'>
  why: string
  /** Author of the failure, if it is not the machine. */
  failedBy?: 'server'
}

/**
 * The enrolment after a way back that brought no certificate: it is what it was before, its Node too. An attempt that was open
 * has failed, so that its CSR is deleted. What the agent reported before counts again.
 */
export const endRecovery = (
  enrolment: EnrolmentDocument,
  { event, state = 'over', why, failedBy }: End,
  now: Date
): EnrolmentDocument => {
  if (!isRecovering(enrolment)) return enrolment
  const recovery: RecoveryDocument = enrolment.recovery ?? { state, since: enrolment.since }
  const { attempt, approved: _, reported, ...kept } = recovery
  const closed =
    attempt === undefined ? enrolment : withAttempt(enrolment, attempt, { failure: why, ...given({ failedBy }) })
  const back = moved(closed, enrolment.join.ready === undefined ? 'end-early-recovery' : event, now)
  return {
    ...back,
    join: { ...back.join, ...(attempt !== undefined && given({ agentReady: reported })) },
    recovery: { ...kept, state, since: now.toISOString(), why }
  }
}
