import { isRecovering, isRemoved, next, type TimelineEntry } from '@joinery/protocol'
import { type Decision, entry } from '../enrolment/decision/decision.ts'
import { decideReject } from '../enrolment/verbs/reject.ts'
import { decideRemove } from '../enrolment/verbs/remove.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import { isGuard, needsBan } from '../retention/decide-prune.ts'

/** Events by which a machine gets an approval. */
const approvals: readonly string[] = ['approve', 'retry']

/** The last approval of the machine, by its timeline: when, and who gave it. Undefined if it does not say that. */
export const approvalIn = (timeline: readonly TimelineEntry[]): { at: number; by: string } | undefined => {
  const last = timeline.findLast(({ event }) => approvals.includes(event))
  return last && { at: Date.parse(last.last ?? last.at), by: last.by ?? last.actor }
}

/** An enrolment as a store that was put aside has it, and as it is. */
export interface LostDecision {
  lost: EnrolmentDocument
  present: EnrolmentDocument | undefined
  timeline: readonly TimelineEntry[]
  /** When the log left that store. */
  at: Date
}

/**
 * Does again what only a store that was put aside knows: a rejection, or a removal with its ban. What operators approved since counts
 * more. An enrolment that is not there any more comes back if a ban rests on it. Undefined if nothing has to be done.
 */
export const decideAgain = ({ lost, present, timeline, at }: LostDecision, now: Date): Decision | undefined => {
  const why = `${lost.state} at ${lost.since}, which etcd had forgotten when it was restored`
  if (present === undefined) {
    if (!isGuard(lost) && !needsBan(lost)) return undefined
    const { settled: _, ...enrolment } = lost
    return { enrolment: { ...enrolment, revision: 0 }, entries: [entry(now, 'server', 'restore', why)] }
  }
  if ((approvalIn(timeline)?.at ?? 0) > at.getTime() || isRecovering(present)) return undefined
  const decision =
    isRemoved(lost) && next(present.state, 'remove') !== undefined
      ? decideRemove(present, now)
      : next(present.state, 'reject') !== undefined
        ? decideReject(present, lost.reason ?? why, now)
        : undefined
  return (
    decision && {
      ...decision,
      entries: [...decision.entries.map((made) => ({ ...made, actor: 'server', detail: why }))]
    }
  )
}
