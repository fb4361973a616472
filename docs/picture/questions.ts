import { attemptLifetimes, lifetimes, meanings, type Question, type State, type TimedState } from '@joinery/protocol'

/** Each question of the table in words, in the order in which picture and page show them. */
export const questions: Record<Question, string> = {
  isLive: 'it is alive, and has its key',
  holdsName: 'it holds its name',
  hasEnded: 'it has ended: no machine changes it',
  isFinal: 'nothing leads out: its agent exits',
  isStalled: 'nothing goes on without a person',
  isOnItsWay: 'its machine may still come to a claim',
  isBeforeClaim: 'its machine waits, and has not claimed',
  hasOpenAttempt: 'an attempt is open',
  hasClaimed: 'it has claimed: its keys are settled',
  isArriving: 'it is between claim and Ready',
  hasJoined: 'it has a Node of its own',
  asksOperator: 'an operator has to decide',
  awaitsNode: 'it is approved, its Node is to come',
  approvalCounts: 'its approval counts',
  isRecovering: 'its machine is on the way back',
  awaitsApproval: 'nobody has decided about it',
  awaitsClaim: 'its machine may claim',
  awaitsReady: 'its Node is to be Ready',
  isReady: 'its Node was Ready',
  isFrozen: 'two machines say that they are it',
  hasFailed: 'its attempts have failed',
  isRemoved: 'an operator took it away',
  isReconciled: 'passes over the cluster look at it',
  mayHaveNode: 'a Node of its name may stay',
  mustHaveNoNode: 'a Node of its name goes, and is banned',
  renewsByItself: 'its kubelet renews by itself'
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A time of whole minutes, hours or days. */
const duration = (time: number): string => {
  if (time % day === 0) return `${time / day} d`
  return time % hour === 0 ? `${time / hour} h` : `${time / minute} min`
}

const isTimed = (state: State): state is TimedState => meanings[state].clock === 'lifetime'

/** After how long the clock ends a state, unless the server is set to another time; undefined: it never does. */
export const timeOf = (state: State): string | undefined => {
  if (isTimed(state)) return duration(lifetimes[state])
  const { worker, 'control-plane': controlPlane } = attemptLifetimes
  return meanings[state].clock === 'deadline' ? `${worker / minute} or ${duration(controlPlane)}` : undefined
}
