import {
  approvalCounts,
  asksOperator,
  hasEnded,
  hasJoined,
  type InState,
  isArriving,
  isBeforeClaim,
  isFinal,
  isLive,
  isRecovering,
  leadsTo,
  mustHaveNoNode,
  readState
} from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'

/** Points on the way of a machine that somebody can wait for. A point that lies behind the machine has come. */
export const awaitables = ['pending', 'approved', 'joined', 'ready', 'in-service', 'removed'] as const
export type Awaitable = (typeof awaitables)[number]

/** Verdict on a machine that is waited for. It never comes if only an operator could set it free. */
export type Coming = 'has come' | 'may come' | 'never comes'

type About = InState & Partial<Pick<SeenEnrolment, 'node' | 'notYet'>>

/** Judges how far a machine is on its way to a point, by what the table of states says about its state. */
export const judgeAwaited = (wanted: Awaitable, enrolment: About): Coming => {
  if (hasCome[wanted](enrolment)) return 'has come'
  return mayCome(wanted, enrolment) ? 'may come' : 'never comes'
}

const isReady = (one: About): boolean =>
  hasJoined(one) && !isArriving(one) && !isRecovering(one) && (one.node?.condition ?? 'Ready') === 'Ready'

const hasCome: Record<Awaitable, (one: About) => boolean> = {
  pending: (one) => (asksOperator(one) && isBeforeClaim(one)) || (isLive(one) && approvalCounts(one)),
  approved: (one) => isLive(one) && approvalCounts(one),
  joined: hasJoined,
  ready: isReady,
  'in-service': (one) => isReady(one) && one.notYet === undefined,
  removed: ({ state }) => {
    const known = readState(state)
    return known !== 'unknown' && leadsTo(known, 'remove')
  }
}

/** A frozen machine goes on only if an operator says which key is right, and a failed or expired one only by a retry. */
const mayCome = (wanted: Awaitable, one: About): boolean =>
  wanted === 'removed' ? !isFinal(one) : isLive(one) && !mustHaveNoNode(one)

/** True if somebody who selects machines to wait for means this one: not those that are over. */
export const isWorthAwaiting = (wanted: Awaitable, one: About): boolean => wanted === 'removed' || !hasEnded(one)
