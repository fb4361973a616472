import { hasJoined, isArriving, isEndedByClock, isReconciled, silenceLimit, statesThat } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/**
 * States that each pass checks for a lifetime, a deadline or the end of a grant. Pending enrolments, of which there may be
 * thousands, are read only when their time is over.
 */
export const endedByClock = statesThat((one) => isReconciled(one) && isEndedByClock(one))

/**
 * True between claim and Ready: the time to look often. A Node that stays not Ready is looked at when that changes, and each
 * minute.
 */
export const isAwaited = (enrolment: Pick<EnrolmentDocument, 'state' | 'since'>, now: Date): boolean =>
  isArriving(enrolment) && (!hasJoined(enrolment) || now.getTime() - Date.parse(enrolment.since) < silenceLimit)
