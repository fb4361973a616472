import { awaitsApproval, type RetryRequest, type TimelineEvent } from '@joinery/protocol'
import { type Decision, entry } from '../../core/enrolment/decision/decision.ts'
import { requireShown } from '../../core/enrolment/facts/shown.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'

/** Verdicts of which the timeline tells under `mode: warn`. */
export type WouldBe = 'approve' | 'reject'

/**
 * Tells the timeline what a policy would decide about a machine that waits, and decides nothing. Throws `revision-changed` if the
 * machine is another one by now.
 */
export const decideWould = (
  enrolment: EnrolmentDocument,
  verdict: WouldBe,
  shown: RetryRequest,
  words: string,
  now: Date
): Decision | undefined => {
  if (!awaitsApproval(enrolment)) return undefined
  requireShown(enrolment, shown)
  return { enrolment, entries: [entry(now, 'policy', eventOf[verdict], detailOf(shown, words))] }
}

export const eventOf = { approve: 'would-approve', reject: 'would-reject' } as const satisfies Record<
  WouldBe,
  TimelineEvent
>

export const detailOf = ({ revision, key }: RetryRequest, words: string): string =>
  `revision ${revision}, key ${key}; by ${words}`
