import {
  awaitsNode,
  type Event,
  forAgents,
  type Lifetimes,
  next,
  ProblemError,
  type TimelineEntry
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { boundedText } from '../../cluster/bounded-text.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
import { conflictRemedy } from './conflict-remedy.ts'

/** Result of a decider: the next document and the entries for the timeline. If it is undefined, nothing changes. */
export interface Decision {
  enrolment: EnrolmentDocument
  entries: TimelineEntry[]
  /** Time at which no other control plane may be joining, or the decision is void. */
  alone?: Date
}

/** The party that caused an entry. */
export type Actor = 'operator' | 'agent' | 'server' | 'cluster'

/**
 * Makes a timeline entry. A detail from the cluster or the server is cut as any text of the cluster is: the server quotes the
 * cluster.
 */
export const entry = (now: Date, actor: Actor, event: string, detail: string, alert = false): TimelineEntry => ({
  at: now.toISOString(),
  actor,
  event,
  detail: actor === 'cluster' || actor === 'server' ? boundedText(detail) : detail,
  alert
})

/** The entry with the name of the operator, if that is known. */
export const entryBy = (by: string | undefined, made: TimelineEntry): TimelineEntry =>
  by === undefined || made.actor !== 'operator' ? made : { ...made, by }

/** The decision with the name of the operator in the operator's entries. */
export const signed = <D extends Decision | undefined>(by: string | undefined, decision: D): D =>
  decision && { ...decision, entries: decision.entries.map((made) => entryBy(by, made)) }

/**
 * The enrolment after `event`, by the table. Throws `illegal-event` if the table does not list it, or the event needs an agent
 * and there is none.
 */
export const moved = (enrolment: EnrolmentDocument, event: Event, now: Date): EnrolmentDocument => {
  const state = next(enrolment.state, event)
  if (state === undefined) {
    const remedy = conflictRemedy(event, enrolment)
    throw new ProblemError('illegal-event', {
      detail: `${event} is not possible: the enrolment of ${enrolment.name} is ${enrolment.state}`,
      ...given({ remedy })
    })
  }
  if (enrolment.withoutAgent && forAgents.includes(event)) {
    throw new ProblemError('illegal-event', {
      detail: `${event} is not possible: ${enrolment.name} joins by a join command, which is good only once`,
      remedy: `joinery join-command --name ${enrolment.name}`
    })
  }
  if (state === enrolment.state) return enrolment
  const { grant, ...others } = enrolment
  const after = { ...others, state, since: now.toISOString() }
  // a grant is for the present approval, its attempts, and nothing after them
  return grant !== undefined && awaitsNode(after) ? { ...after, grant } : after
}

/** When the clock ends the present state, if ever. */
export const expiry = (
  { state, since }: Pick<EnrolmentDocument, 'state' | 'since'>,
  lifetimes: Lifetimes
): Date | undefined => {
  const lifetime = lifetimes[state]
  return lifetime === undefined ? undefined : new Date(Date.parse(since) + lifetime)
}
