import { type ApproveRequest, hasJoined, isRecovering, type RetryRequest } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry, illegal, moved } from '../decision/decision.ts'
import { requireShown } from '../facts/shown.ts'
import { endRecovery } from './end-recovery.ts'

/** Approves the way back that was shown. The same approval again, whose answer was lost, changes nothing. */
export const decideApproveRecovery = (
  enrolment: EnrolmentDocument,
  shown: ApproveRequest,
  now: Date
): Decision | undefined => {
  const { recovery, key } = enrolment
  if (recovery?.approved?.revision === shown.revision && shown.key === key) return undefined
  if (recovery === undefined) throw illegal(enrolment, 'approve')
  const approved = moved(enrolment, 'approve', now)
  requireShown(enrolment, shown)
  if (recovery.state === 'approved') return undefined
  const at = now.toISOString()
  const { why: _, ...kept } = recovery
  return {
    enrolment: {
      ...approved,
      recovery: { ...kept, state: 'approved', since: at, approved: { at, revision: shown.revision } }
    },
    entries: [entry(now, 'operator', 'approve', `the way back; revision ${shown.revision}, key ${shown.key}`)]
  }
}

/** Refuses the way back, not the machine: it stays in the cluster as it is, and may not ask again until a retry. */
export const decideRejectRecovery = (enrolment: EnrolmentDocument, reason: string, now: Date): Decision => ({
  enrolment: endRecovery(enrolment, { event: 'reject', state: 'refused', why: reason, failedBy: 'server' }, now),
  entries: [entry(now, 'operator', 'reject', `the way back: ${reason}`)]
})

/** True if a retry would let the machine ask for the way back again. */
export const isRetryOfRecovery = (enrolment: EnrolmentDocument): boolean =>
  hasJoined(enrolment) &&
  !isRecovering(enrolment) &&
  (enrolment.recovery?.state === 'refused' || enrolment.recovery?.state === 'frozen')

/**
 * Lets the machine ask for the way back again, after a refusal or a freeze. The next ask waits for an operator after a freeze,
 * whatever the policy, and brings a counter of its own: which of two machines is right, only a person can say.
 */
export const decideRetryRecovery = (enrolment: EnrolmentDocument, shown: RetryRequest, now: Date): Decision => {
  const { recovery: before, ...others } = moved(enrolment, 'retry', now)
  requireShown(enrolment, shown)
  const { state, since: _, why: __, other: ___, ...kept } = before ?? { state: 'over', since: '' }
  const { confirmed: ____, pending: _____, ...uncounted } = kept
  const again = state === 'frozen' ? { ...uncounted, unfrozen: true as const } : kept
  return {
    enrolment: { ...others, recovery: { ...again, state: 'over', since: now.toISOString() } },
    entries: [entry(now, 'operator', 'retry', `the way back, which was ${state}; key ${shown.key}`)]
  }
}
