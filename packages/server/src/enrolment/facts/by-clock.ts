import { type State, silenceLimit } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../store/store.ts'

/** By a lifetime, a deadline, or the end of a grant. What is pending, by the thousand perhaps, is read when its time is over. */
export const endedByClock: readonly State[] = ['approved', 'joining', 'frozen']

/** What a pass decides of these, by a deadline or a silence, is not the same at another time. */
export const changesWithTime: readonly State[] = ['joining', 'joined']

/**
 * Between claim and Ready: the time to look often. One whose Node stays not Ready is looked at when that changes, and each
 * minute.
 */
export const isAwaited = ({ state, since }: Pick<EnrolmentDocument, 'state' | 'since'>, now: Date): boolean =>
  state === 'joining' || (state === 'joined' && now.getTime() - Date.parse(since) < silenceLimit)
