import { day, minute } from './words/durations.ts'

/**
 * The states and events of an enrolment: every state, what it means, and every edge, and no other. Server, agent, CLI
 * and docs read these tables; nothing else decides a state, or what one means. Pure: no clock, no store, no network.
 *
 * The code that makes an event happen: packages/server/src/core/enrolment/verbs/ (one file a verb).
 * The code that reacts to a state on the machine: packages/agent/src/plan/plan.ts.
 */
export const states = [
  'pending',
  'approved',
  'joining',
  'joined',
  'ready',
  'recovering',
  'frozen',
  'failed',
  'expired',
  'rejected',
  'removed'
] as const
export type State = (typeof states)[number]

/**
 * - approve, reject, release, retry, remove: an operator; approve and reject also a rule of the approval policy
 * - claim: the agent asks for the credential of the present attempt
 * - evidence-changed: the machine is no longer what was approved
 * - conflict: another key used the code before an approval or a release closed it, or one key came with two machines
 * - register: the cluster shows the machine's Node
 * - become-ready: Node Ready at the Kubernetes API, confirmed by the agent or after its silence
 * - fail: an attempt failed or its deadline passed, and another one is left
 * - give-up: the same, and none is left
 * - expire: the lifetime of the state is over
 * - restore: the store came out of a backup, and does not know whether the approval still stands
 * - recover: the machine has lost its kubelet's certificate, and asks for the way back
 * - claim-recovery: the agent asks for the certificate of the way back
 * - end-recovery: the way back ended without Ready, or nobody needs it any more
 * - end-early-recovery: the same for an enrolment that has never been ready
 */
export const events = [
  'approve',
  'reject',
  'expire',
  'conflict',
  'claim',
  'evidence-changed',
  'register',
  'become-ready',
  'fail',
  'give-up',
  'release',
  'retry',
  'remove',
  'restore',
  'recover',
  'claim-recovery',
  'end-recovery',
  'end-early-recovery'
] as const
export type Event = (typeof events)[number]

export const transitions: Record<State, Partial<Record<Event, State>>> = {
  pending: { approve: 'approved', reject: 'rejected', expire: 'expired', conflict: 'frozen' },
  approved: {
    claim: 'joining',
    'evidence-changed': 'pending',
    restore: 'pending',
    reject: 'rejected',
    expire: 'expired',
    conflict: 'frozen',
    register: 'joined'
  },
  joining: {
    claim: 'joining',
    register: 'joined',
    'become-ready': 'ready',
    fail: 'approved',
    'give-up': 'failed',
    restore: 'pending',
    reject: 'rejected',
    conflict: 'frozen'
  },
  // a retry lets a machine ask for the way back again, if an operator refused it or two machines asked with one key
  joined: { 'become-ready': 'ready', recover: 'recovering', retry: 'joined', reject: 'rejected', remove: 'removed' },
  frozen: { release: 'pending', reject: 'rejected', expire: 'expired' },
  failed: { retry: 'approved', register: 'joined', remove: 'removed' },
  expired: { retry: 'pending', remove: 'removed' },
  ready: { recover: 'recovering', retry: 'ready', remove: 'removed' },
  // who refuses the way back refuses a certificate, not the machine: the enrolment is then what it was before
  recovering: {
    approve: 'recovering',
    'claim-recovery': 'recovering',
    'become-ready': 'ready',
    'end-recovery': 'ready',
    'end-early-recovery': 'joined',
    reject: 'ready',
    expire: 'ready',
    restore: 'ready',
    remove: 'removed'
  },
  rejected: {},
  removed: {}
}

/**
 * The state in which an enrolment begins, for a machine that comes with a code and for a join command. A join command
 * is approval and claim in one, by an operator: from its beginning it has a token, and a token is only for a machine
 * that is `joining`.
 */
export const beginnings = { code: 'pending', 'join-command': 'joining' } as const satisfies Record<string, State>

/** Events after which a machine has to come and claim, or ask. No machine that joins by a join command does. */
export const forAgents: readonly Event[] = ['approve', 'release', 'retry']

/** The state after `event`. Undefined if the table does not list the event: the caller answers 409 `illegal-event`. */
export const next = (state: SeenState, event: Event): State | undefined =>
  isState(state) ? transitions[state][event] : undefined

/** True if one of the events leads to the state, from any state. */
export const leadsTo = (state: State, ...by: readonly Event[]): boolean =>
  states.some((from) => by.some((event) => next(from, event) === state))

/** All states, and `unknown`: the name that a program gives to a state that it does not know, of a newer server. */
export const seenStates = [...states, 'unknown'] as const
export type SeenState = (typeof seenStates)[number]

/** The state of that name; `unknown` if the table does not have it. */
export const readState = (text: string): SeenState => (isState(text) ? text : 'unknown')

const isState = (text: string): text is State => (states as readonly string[]).includes(text)

type Answers<Question extends string> = Readonly<Record<Question, boolean>>

/** The questions about a state. state-questions.ts has each of them in words, as a function. */
export interface Meaning {
  /** The time that ends the state if nothing else does: a lifetime, or the deadline of the open attempt. */
  clock: 'lifetime' | 'deadline' | 'never'
  standing: Answers<'isLive' | 'hasEnded' | 'isFinal' | 'holdsName' | 'isStalled'>
  way: Answers<'isOnItsWay' | 'isBeforeClaim' | 'hasOpenAttempt' | 'hasClaimed' | 'isArriving' | 'hasJoined'>
  decision: Answers<'asksOperator' | 'awaitsNode' | 'approvalCounts' | 'isRecovering'>
  stage: Answers<'awaitsApproval' | 'awaitsClaim' | 'awaitsReady' | 'isReady'>
  trouble: Answers<'isFrozen' | 'hasFailed' | 'isRemoved'>
  cluster: Answers<'isReconciled' | 'mayHaveNode' | 'mustHaveNoNode' | 'renewsByItself'>
}

const yes = true
const no = false

/**
 * The answers: each state answers every question that the code asks about a state, and no other place does. A new state does not
 * compile before it has answered all of them. A program that reads `unknown` waits.
 */
export const meanings = {
  pending: {
    clock: 'lifetime',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: no, isStalled: no },
    way: { isOnItsWay: yes, isBeforeClaim: yes, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: yes, awaitsNode: no, approvalCounts: no, isRecovering: no },
    stage: { awaitsApproval: yes, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: no, mayHaveNode: no, mustHaveNoNode: no, renewsByItself: no }
  },
  approved: {
    clock: 'lifetime',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: yes, isStalled: no },
    way: { isOnItsWay: yes, isBeforeClaim: yes, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: no, awaitsNode: yes, approvalCounts: yes, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: yes, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: yes, mustHaveNoNode: no, renewsByItself: no }
  },
  joining: {
    clock: 'deadline',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: yes, isStalled: no },
    way: { isOnItsWay: yes, isBeforeClaim: no, hasOpenAttempt: yes, hasClaimed: yes, isArriving: yes, hasJoined: no },
    decision: { asksOperator: no, awaitsNode: yes, approvalCounts: yes, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: yes, mustHaveNoNode: no, renewsByItself: no }
  },
  joined: {
    clock: 'never',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: yes, isStalled: no },
    way: { isOnItsWay: no, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: yes, isArriving: yes, hasJoined: yes },
    decision: { asksOperator: no, awaitsNode: no, approvalCounts: yes, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: yes, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: yes, mustHaveNoNode: no, renewsByItself: no }
  },
  ready: {
    clock: 'never',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: yes, isStalled: no },
    way: { isOnItsWay: no, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: yes, isArriving: no, hasJoined: yes },
    decision: { asksOperator: no, awaitsNode: no, approvalCounts: yes, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: yes },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: yes, mustHaveNoNode: no, renewsByItself: yes }
  },
  recovering: {
    clock: 'lifetime',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: yes, isStalled: no },
    way: { isOnItsWay: no, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: yes, isArriving: no, hasJoined: yes },
    decision: { asksOperator: yes, awaitsNode: no, approvalCounts: yes, isRecovering: yes },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: yes, mustHaveNoNode: no, renewsByItself: yes }
  },
  frozen: {
    clock: 'lifetime',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: no, isStalled: yes },
    way: { isOnItsWay: yes, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: yes, awaitsNode: no, approvalCounts: no, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: yes, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: no, mustHaveNoNode: yes, renewsByItself: no }
  },
  failed: {
    clock: 'never',
    standing: { isLive: no, hasEnded: no, isFinal: no, holdsName: no, isStalled: yes },
    way: { isOnItsWay: yes, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: no, awaitsNode: no, approvalCounts: yes, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: yes, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: yes, mustHaveNoNode: no, renewsByItself: no }
  },
  expired: {
    clock: 'never',
    standing: { isLive: no, hasEnded: yes, isFinal: no, holdsName: no, isStalled: yes },
    way: { isOnItsWay: no, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: no, awaitsNode: no, approvalCounts: no, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: no, mustHaveNoNode: yes, renewsByItself: no }
  },
  rejected: {
    clock: 'never',
    standing: { isLive: no, hasEnded: yes, isFinal: yes, holdsName: no, isStalled: yes },
    way: { isOnItsWay: no, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: no, awaitsNode: no, approvalCounts: no, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: yes, mayHaveNode: no, mustHaveNoNode: yes, renewsByItself: no }
  },
  removed: {
    clock: 'never',
    standing: { isLive: no, hasEnded: yes, isFinal: yes, holdsName: no, isStalled: yes },
    way: { isOnItsWay: no, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: no, awaitsNode: no, approvalCounts: no, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: yes },
    cluster: { isReconciled: yes, mayHaveNode: no, mustHaveNoNode: yes, renewsByItself: yes }
  },
  unknown: {
    clock: 'never',
    standing: { isLive: yes, hasEnded: no, isFinal: no, holdsName: no, isStalled: no },
    way: { isOnItsWay: no, isBeforeClaim: no, hasOpenAttempt: no, hasClaimed: no, isArriving: no, hasJoined: no },
    decision: { asksOperator: no, awaitsNode: no, approvalCounts: no, isRecovering: no },
    stage: { awaitsApproval: no, awaitsClaim: no, awaitsReady: no, isReady: no },
    trouble: { isFrozen: no, hasFailed: no, isRemoved: no },
    cluster: { isReconciled: no, mayHaveNode: no, mustHaveNoNode: no, renewsByItself: no }
  }
} as const satisfies Record<SeenState, Meaning>

/** A state that a lifetime ends. */
export type TimedState = { [S in State]: (typeof meanings)[S]['clock'] extends 'lifetime' ? S : never }[State]

/**
 * Longest stay of an enrolment in each state before the clock makes it expire, in milliseconds. In other states it
 * never expires.
 */
export type Lifetimes = Partial<Record<State, number>>

/** Lifetimes of the states, unless the server is configured with others. */
export const lifetimes = {
  pending: 7 * day,
  frozen: 7 * day,
  recovering: 7 * day,
  approved: day
} as const satisfies Record<TimedState, number>

/**
 * Lifetime of an attempt, from claim to its Node, in milliseconds. A credential lives no longer. A control plane
 * starts etcd and an API server before it has a Node.
 */
export const attemptLifetimes = { worker: 10 * minute, 'control-plane': 30 * minute } as const

/** Lifetime of an attempt to come back, from its claim until the Node is Ready, in milliseconds. Its certificate lives no longer. */
export const recoveryLifetime = 10 * minute

/** Lifetime of root's grant to a control plane, in milliseconds: it bounds the claim. */
export const grantLifetime = 15 * minute

/** Number of attempts before an enrolment is `failed`. */
export const attemptLimit = 3

/**
 * Longest silence of an agent, in milliseconds. If its Node is Ready and it stays silent this long, or if it is not
 * known which certificate was issued, the enrolment becomes ready, not confirmed.
 */
export const silenceLimit = 10 * minute
