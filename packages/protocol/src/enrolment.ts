import { day, minute } from './words/durations.ts'

/**
 * What happens when a machine enrols: every edge, and no other. Server, agent, CLI and docs read this table; nothing
 * else decides a state. Pure: no clock, no store, no network.
 *
 * The code that makes an event happen: packages/server/src/enrolments/ (one file a verb).
 * The code that reacts to a state on the machine: packages/agent/src/plan/plan.ts.
 */
export const states = [
  'pending',
  'approved',
  'joining',
  'joined',
  'ready',
  'frozen',
  'failed',
  'expired',
  'rejected',
  'removed'
] as const
export type State = (typeof states)[number]

/**
 * - approve, reject, release, retry, remove: an operator
 * - claim: the agent asks for the credential of the present attempt
 * - evidence-changed: the machine is no longer what was approved
 * - conflict: another key used the code before an approval or a release closed it, or one key came with two machines
 * - register: the cluster shows the machine's Node
 * - become-ready: Node Ready at the Kubernetes API, confirmed by the agent or after its silence
 * - fail: an attempt failed or its deadline passed, and another one is left
 * - give-up: the same, and none is left
 * - expire: the lifetime of the state is over
 * - restore: the store came out of a backup, and does not know whether the approval still stands
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
  'restore'
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
  joined: { 'become-ready': 'ready', reject: 'rejected', remove: 'removed' },
  frozen: { release: 'pending', reject: 'rejected', expire: 'expired' },
  failed: { retry: 'approved', register: 'joined', remove: 'removed' },
  expired: { retry: 'pending', remove: 'removed' },
  ready: { remove: 'removed' },
  rejected: {},
  removed: {}
}

/**
 * In which state an enrolment begins: that of a machine that comes with a code, and that of a join command. The latter is
 * approval and claim in one, by an operator: from its beginning it has a token, and a token is for who is `joining`.
 */
export const beginnings = { code: 'pending', 'join-command': 'joining' } as const satisfies Record<string, State>

/** Events after which a machine has to come and claim: none that joins by a join command does. */
export const forAgents: readonly Event[] = ['approve', 'release', 'retry']

/** The state after `event`, or undefined where the table does not list it: the caller answers 409 `illegal-event`. */
export const next = (state: State, event: Event): State | undefined => transitions[state][event]

/** States in which an enrolment still holds its key and its name. */
export const live: readonly State[] = ['pending', 'approved', 'joining', 'joined', 'ready', 'frozen']

/** What was decided stays as it was decided on: nothing that a machine sends changes an enrolment in these states. */
export const ended: readonly State[] = ['rejected', 'removed', 'expired']

/** States in which the name is promised to this machine: two enrolments never hold one name. */
export const holding: readonly State[] = ['approved', 'joining', 'joined', 'ready']

/** States in which this machine has claimed the name, and may have the Node of it. */
export const claimed: readonly State[] = ['joining', 'joined', 'ready']

/** States in which a counter of names passes the name over: it is taken, or would be again after a retry. */
export const naming: readonly State[] = [...live, 'failed']

/** How long an enrolment may stay in a state before the clock makes it expire, in milliseconds; it never does in the others. */
export type Lifetimes = Partial<Record<State, number>>

/** Unless the server is set to others. */
export const lifetimes = { pending: 7 * day, frozen: 7 * day, approved: day } as const satisfies Lifetimes

/**
 * Of an attempt, from claim to its Node, in milliseconds. A credential lives no longer. A control plane starts etcd and an API
 * server before it has a Node.
 */
export const attemptLifetimes = { worker: 10 * minute, 'control-plane': 30 * minute } as const

/** For how long root's grant to a control plane is good, in milliseconds: it bounds the claim. */
export const grantLifetime = 15 * minute

/** Attempts before an enrolment is `failed`. */
export const attemptLimit = 3

/**
 * A Node that is Ready while its agent stays silent this long, or while it is not known which certificate was issued, makes
 * the enrolment ready, not confirmed.
 */
export const silenceLimit = 10 * minute
