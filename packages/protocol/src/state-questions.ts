import { type Meaning, meanings, type SeenState, type State, states } from './enrolment.ts'

type Answers = Meaning['standing'] &
  Meaning['way'] &
  Meaning['decision'] &
  Meaning['stage'] &
  Meaning['trouble'] &
  Meaning['cluster']

/** A question about the state of an enrolment; the answers are in the table of `enrolment.ts`. */
export type Question = keyof Answers

/** An enrolment, its head, or a view of it. */
export interface InState {
  readonly state: SeenState
}

const answersOf = ({ standing, way, decision, stage, trouble, cluster }: Meaning): Answers => ({
  ...standing,
  ...way,
  ...decision,
  ...stage,
  ...trouble,
  ...cluster
})

const known = new Map<string, Answers>(states.map((state) => [state, answersOf(meanings[state])]))
const unknown = answersOf(meanings.unknown)

/**
 * The function that answers one question about an enrolment. A state that the table does not have is answered as `unknown`: the
 * operators' command keeps the name that a newer server gives to a state.
 */
export const ask =
  (question: Question) =>
  ({ state }: InState): boolean =>
    (known.get(state) ?? unknown)[question]

/** The enrolment is alive: it has its key. If it is not alive, only an operator or its Node can change its state. */
export const isLive = ask('isLive')

/** The enrolment has ended: nothing that a machine sends changes it, and others may have its name. */
export const hasEnded = ask('hasEnded')

/** The state is final: no event leads out of it, so the agent exits. */
export const isFinal = ask('isFinal')

/** The enrolment holds its name: two enrolments never hold one name. */
export const holdsName = ask('holdsName')

/** Nothing goes on without a person: an operator decides, or the machine comes with another code. */
export const isStalled = ask('isStalled')

/** The machine may still come to a claim, by itself or by a retry. The server tells it about the cluster, and no copy may join. */
export const isOnItsWay = ask('isOnItsWay')

/** The machine waits for its approval or its claim. No kubelet has its ports yet, and the agent reports what changes. */
export const isBeforeClaim = ask('isBeforeClaim')

/** The last attempt is open: its credential is good, and the server may approve a kubelet's request. */
export const hasOpenAttempt = ask('hasOpenAttempt')

/** The machine has claimed, and the attempt is open or has led to a Node. Its keys do not change any more. */
export const hasClaimed = ask('hasClaimed')

/** The machine is between its claim and Ready. Passes decide by the time, and a control plane makes others wait. */
export const isArriving = ask('isArriving')

/** The enrolment has a Node of its own in the cluster. */
export const hasJoined = ask('hasJoined')

/** An operator has to approve or release the machine, and compares its key. */
export const asksOperator = ask('asksOperator')

/** The enrolment is approved, and its Node has not come. A grant lasts, and the code is closed to other keys. */
export const awaitsNode = ask('awaitsNode')

/** An approval stands, or stood until its last attempt failed: the machine is the one that was approved. */
export const approvalCounts = ask('approvalCounts')

/** The machine is on the way back: it waits for an operator, or for the certificate that brings its kubelet back. */
export const isRecovering = ask('isRecovering')

/** Nobody has decided about the machine: an operator, or a rule of the approval policy, approves or rejects it. */
export const awaitsApproval = ask('awaitsApproval')

/** The machine may claim: it is approved, and its agent has not come, or comes again after an attempt that failed. */
export const awaitsClaim = ask('awaitsClaim')

/** The Node has registered, and is not Ready yet, or its agent has not confirmed it. */
export const awaitsReady = ask('awaitsReady')

/** The join is over, and a good one: the Node was Ready. */
export const isReady = ask('isReady')

/** Two machines say that they are this one: nobody joins before an operator has named the right key. */
export const isFrozen = ask('isFrozen')

/** The attempts of the approval have failed, all of them. */
export const hasFailed = ask('hasFailed')

/** An operator took away the machine that had joined: its name is banned whatever it had. */
export const isRemoved = ask('isRemoved')

/** Passes over the cluster look at the enrolment. If they do not, it is read when its time is over. */
export const isReconciled = ask('isReconciled')

/** A Node of the enrolment's name may stay: it is its own, or would be. */
export const mayHaveNode = ask('mayHaveNode')

/** The enrolment must have no Node: after a claim, the server deletes a Node of the name and bans the name. */
export const mustHaveNoNode = ask('mustHaveNoNode')

/** The kubelet renews its certificate by itself: its requests belong to no attempt. */
export const renewsByItself = ask('renewsByItself')

const clocked = new Set<string>(states.filter((state) => meanings[state].clock !== 'never'))

/** A lifetime or a deadline can end the state. */
export const isEndedByClock = ({ state }: InState): boolean => clocked.has(state)

/** The states for which the answer is yes, in the order of the table. */
export const statesThat = (answer: (one: { state: State }) => boolean): readonly State[] =>
  states.filter((state) => answer({ state }))
