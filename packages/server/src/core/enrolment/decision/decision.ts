import {
  awaitsNode,
  conflictRemedy,
  type Event,
  forAgents,
  type Lifetimes,
  next,
  ProblemError,
  type RetryRequest,
  type TimelineEntry,
  type TimelineEvent
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { boundedText, longText } from '../../ports/cluster/bounded-text.ts'
import type { Decided, JoinsAtMost } from '../../ports/store/change.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { SubjectEntry } from '../../ports/store/timeline.ts'
import { withCauseOfState } from '../facts/node.ts'
import { requireShown } from '../facts/shown.ts'

/** Result of a decider: the next document and the entries for the timeline. If it is undefined, nothing changes. */
export interface Decision {
  enrolment: EnrolmentDocument
  entries: TimelineEntry[]
  /** Time at which no other control plane may be joining, or the decision is void. */
  alone?: Date
  /** Bound of the machines that may join at once, or the decision is void. */
  joinsAtMost?: JoinsAtMost
  /** Decision of the cluster that this one settles. */
  decided?: Decided
  /** Entries of other subjects that are written with it, or not at all. */
  beside?: SubjectEntry[]
}

/** The party that caused an entry. */
export type Actor = 'operator' | 'agent' | 'server' | 'cluster' | 'policy'

/**
 * Makes a timeline entry. A detail from the cluster or the server is cut as any text of the cluster is: the server quotes the
 * cluster. That of others may be longer.
 */
export const entry = (
  now: Date,
  actor: Actor,
  event: TimelineEvent,
  detail: string,
  alert = false
): TimelineEntry & { event: TimelineEvent } => ({
  at: now.toISOString(),
  actor,
  event,
  detail: actor === 'cluster' || actor === 'server' ? boundedText(detail) : longText(detail),
  alert
})

/** The one who asks for a decision: an operator at the socket, or a Decision of the cluster for its author. */
export interface Asker {
  /** Name of the operator. Absent if it is not known. */
  by?: string
  /** Decision of the cluster that is carried out. */
  decision?: AskedDecision
  /** Revision and key that the operator was shown, if the decision holds only for these. */
  shown?: RetryRequest
  /** Rule of the approval policy that asks in place of an operator. */
  policy?: AskingRule
}

/** A rule of the approval policy, as a verb carries it out. */
export interface AskingRule {
  /** Name of the rule and hash of the policy, in words. The timeline has them behind what was decided. */
  words: string
  /** Throws a problem if only a person may decide about the enrolment as it is now. */
  require: (enrolment: EnrolmentDocument) => void
  /** Entry that counts the decision against the quota of the rule. */
  counted?: SubjectEntry
}

/** A Decision of the cluster, as a verb carries it out. */
export interface AskedDecision {
  uid: string
  /** Throws a problem if the Decision does not fit the enrolment as it is now. */
  require: (enrolment: EnrolmentDocument) => void
  /** Result of the Decision once the enrolment has become this one. */
  applied: (enrolment: EnrolmentDocument) => Decided
}

/** The entry with the name of the operator, if that is known, and with the Decision or the rule that told it. */
export const entryBy = ({ by, decision, policy }: Asker, made: TimelineEntry): TimelineEntry => {
  if (made.actor !== 'operator') return made
  if (policy === undefined) return { ...made, ...given({ by, decision: decision?.uid }) }
  return { ...made, actor: 'policy' satisfies Actor, detail: `${made.detail}; by ${policy.words}` }
}

/** The decision with the name of the operator in the operator's entries. It does not settle the Decision that asked for it. */
export const signed = <D extends Decision | undefined>(asker: Asker, decision: D): D =>
  decision && {
    ...decision,
    entries: decision.entries.map((made) => entryBy(asker, made)),
    ...(asker.policy?.counted && { beside: [asker.policy.counted] })
  }

type Decider = (enrolment: EnrolmentDocument, now: Date) => Decision | undefined

/**
 * The decider for the one who asks. Throws `revision-changed` if they were shown something else. A Decision of the cluster must fit the very enrolment that is decided about, and its uid is
 * settled in the commit of what it does, even if that is nothing: so it is applied once, whatever crashes.
 */
export const settling =
  (asker: Asker, decide: Decider): Decider =>
  (enrolment, now) => {
    const { decision, shown, policy } = asker
    if (shown !== undefined) requireShown(enrolment, shown)
    policy?.require(enrolment)
    if (decision === undefined) return signed(asker, decide(enrolment, now))
    decision.require(enrolment)
    const { enrolment: after, ...others } = signed(asker, decide(enrolment, now)) ?? { enrolment, entries: [] }
    const { makingRoom: _, ...approval } = after.approval
    const settled = { ...after, approval }
    return { ...others, enrolment: settled, decided: decision.applied(settled) }
  }

/**
 * The decider of a step before the one that settles. A Decision of the cluster may go on after a crash, at the revision that is
 * shown by then.
 */
export const makingRoom =
  (asker: Asker, decide: Decider): Decider =>
  (enrolment, now) => {
    const { decision } = asker
    decision?.require(enrolment)
    const made = signed(asker, decide(enrolment, now))
    if (made === undefined || decision === undefined) return made
    const room = { decision: decision.uid, revision: enrolment.revision + 1 }
    return { ...made, enrolment: { ...made.enrolment, approval: { ...made.enrolment.approval, makingRoom: room } } }
  }

/** The problem of an event that is not possible in the present state. */
export const illegal = (enrolment: EnrolmentDocument, event: Event): ProblemError =>
  new ProblemError('illegal-event', {
    detail: `${event} is not possible: the enrolment of ${enrolment.name} is ${enrolment.state}`,
    ...given({ remedy: conflictRemedy(event, enrolment) })
  })

/**
 * The enrolment after `event`, by the table. Throws `illegal-event` if the table does not list it, or the event needs an agent
 * and there is none.
 */
export const moved = (enrolment: EnrolmentDocument, event: Event, now: Date): EnrolmentDocument => {
  const state = next(enrolment.state, event)
  if (state === undefined) throw illegal(enrolment, event)
  if (enrolment.withoutAgent && forAgents.includes(event)) {
    throw new ProblemError('illegal-event', {
      detail: `${event} is not possible: ${enrolment.name} joins by a join command, which is good only once`,
      remedy: `joinery join-command --name ${enrolment.name}`
    })
  }
  if (state === enrolment.state) return enrolment
  const { takenBack: _, ...approval } = enrolment.approval
  const { grant, ...join } = enrolment.join
  const after = withCauseOfState({ ...enrolment, approval, join, state, since: now.toISOString() })
  // a grant is for the present approval, its attempts, and nothing after them
  return grant !== undefined && awaitsNode(after) ? { ...after, join: { ...join, grant } } : after
}

/** When the clock ends the present state, if ever. */
export const expiry = (
  { state, since }: Pick<EnrolmentDocument, 'state' | 'since'>,
  lifetimes: Lifetimes
): Date | undefined => {
  const lifetime = lifetimes[state]
  return lifetime === undefined ? undefined : new Date(Date.parse(since) + lifetime)
}
