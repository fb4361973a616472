import {
  type ApproveRequest,
  approvalCounts,
  attemptLimit,
  type Check,
  hasJoined,
  holdsName,
  isRecovering,
  ProblemError,
  passes,
  type RetryRequest
} from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { closeCode } from '../decision/conflict.ts'
import { type Decision, entry, illegal, moved } from '../decision/decision.ts'
import { requireSealKey } from '../facts/cluster.ts'
import { requireShown } from '../facts/shown.ts'
import { decideApproveRecovery, decideRetryRecovery, isRetryOfRecovery } from '../recovery/operator-verbs.ts'
import { requireNoNewer } from './newer.ts'

/**
 * Approves what was shown: a machine that waits, or its way back. Throws `revision-changed` if the evidence or the key is another one by now. `preflight`: what the
 * machine found, with the server's own check. The same approval again, whose answer was lost, changes nothing.
 */
export const decideApprove = (
  enrolment: EnrolmentDocument,
  shown: ApproveRequest,
  preflight: readonly Check[],
  now: Date
): Decision | undefined => {
  if (isRecovering(enrolment)) return decideApproveRecovery(enrolment, shown, now)
  if (isApprovedSo(enrolment, shown)) return undefined
  const approved = moved(enrolment, 'approve', now)
  requireShown(enrolment, shown)
  requireSealKey(enrolment)
  const failing = passes(preflight) ? '' : ', while preflight fails'
  return {
    enrolment: withEvidence(withAttempts(approved, now), shown, preflight, now),
    entries: [entry(now, 'operator', 'approve', `revision ${shown.revision}, key ${shown.key}${failing}`)]
  }
}

/**
 * Approves again what was shown after `failed`, or allows another look after `expired`, with a fresh set of attempts. A machine
 * that has joined may ask for the way back again, if that was refused or froze. `newest`:
 * the newest enrolment of the same key. Throws `revision-changed`, and what `requireNoNewer` throws if the newest is another
 * one.
 */
export const decideRetry = (
  enrolment: EnrolmentDocument,
  shown: RetryRequest,
  newest: EnrolmentDocument | undefined,
  now: Date
): Decision => {
  if (isRetryOfRecovery(enrolment)) return decideRetryRecovery(enrolment, shown, now)
  if (hasJoined(enrolment)) throw illegal(enrolment, 'retry')
  const retried = moved(enrolment, 'retry', now)
  requireEvidence(enrolment)
  requireShown(enrolment, shown)
  requireNoNewer(newest?.id === enrolment.id ? undefined : newest)
  const again = withAttempts(retried, now)
  return {
    enrolment: approvalCounts(again) ? withEvidence(again, shown, again.preflight, now) : again,
    entries: [entry(now, 'operator', 'retry', `from ${enrolment.state}, revision ${shown.revision}, key ${shown.key}`)]
  }
}

/** Throws `illegal-event` if the enrolment was cut to its essence: it has no evidence left to judge it by. */
const requireEvidence = ({ name, pruned }: EnrolmentDocument): void => {
  if (pruned === undefined) return
  throw new ProblemError('illegal-event', {
    detail: `the evidence of ${name} is deleted: its enrolment ended too long ago`,
    remedy: `joinery code create --name ${name}`
  })
}

/** True if exactly this was approved and the approval still holds: the machine is on its way by it, or has arrived. */
const isApprovedSo = (enrolment: EnrolmentDocument, shown: ApproveRequest): boolean => {
  const { key } = enrolment
  const { evidence: approved } = enrolment.approval
  return holdsName(enrolment) && approved?.key === key && shown.key === key && approved.revision === shown.revision
}

/** The enrolment with the evidence that was decided on. It is kept apart from what the machine says later. */
const withEvidence = (
  enrolment: EnrolmentDocument,
  { revision }: RetryRequest,
  preflight: readonly Check[],
  now: Date
): EnrolmentDocument => {
  const { key, name, address, facts } = enrolment
  const { borrowed: _, ...conflict } = enrolment.conflict
  const notPassed = preflight.filter(({ verdict }) => verdict !== 'pass')
  const evidence = { at: now.toISOString(), revision, key, name, address, facts, preflight: notPassed }
  return { ...enrolment, conflict, approval: { ...enrolment.approval, evidence } }
}

/** Attempts of one enrolment after which it takes no further ones. */
const attemptsAtMost = 60

/** The enrolment with a fresh set of attempts. Throws `illegal-event` if it had too many: each stays in its document. */
const withAttempts = ({ reason: _, ...enrolment }: EnrolmentDocument, now: Date): EnrolmentDocument => {
  if (enrolment.join.attempts.length >= attemptsAtMost) {
    throw new ProblemError('illegal-event', {
      detail: `${enrolment.name} has tried to join ${enrolment.join.attempts.length} times by one enrolment`,
      remedy: `joinery code create --name ${enrolment.name}`
    })
  }
  return withFreshAttempts(enrolment, now)
}

const withFreshAttempts = (enrolment: EnrolmentDocument, now: Date): EnrolmentDocument => ({
  ...closeCode(enrolment, now),
  approval: { ...enrolment.approval, addresses: [...new Set([enrolment.address, ...enrolment.facts.addresses])] },
  join: { ...enrolment.join, lastAttempt: enrolment.join.attempts.length + attemptLimit }
})
