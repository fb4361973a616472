import { hasJoined, isArriving, isEndedByClock, isReconciled, silenceLimit, statesThat } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'

/** By a lifetime, a deadline, or the end of a grant. What is pending, by the thousand perhaps, is read when its time is over. */
export const endedByClock = statesThat((one) => isReconciled(one) && isEndedByClock(one))

/**
 * Between claim and Ready: the time to look often. One whose Node stays not Ready is looked at when that changes, and each
 * minute.
 */
export const isAwaited = (enrolment: Pick<EnrolmentDocument, 'state' | 'since'>, now: Date): boolean =>
  isArriving(enrolment) && (!hasJoined(enrolment) || now.getTime() - Date.parse(enrolment.since) < silenceLimit)
