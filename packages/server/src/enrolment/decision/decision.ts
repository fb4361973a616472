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

/** What a decider gives: the next document and what to write into the timeline. Undefined: nothing changes. */
export interface Decision {
  enrolment: EnrolmentDocument
  entries: TimelineEntry[]
  /** Good only where no other control plane joins at this time. */
  alone?: Date
}

/** Who caused an entry. */
export type Actor = 'operator' | 'agent' | 'server' | 'cluster'

/** What the cluster and the server say is as long as a text of the cluster may be: they quote it. */
export const entry = (now: Date, actor: Actor, event: string, detail: string, alert = false): TimelineEntry => ({
  at: now.toISOString(),
  actor,
  event,
  detail: actor === 'cluster' || actor === 'server' ? boundedText(detail) : detail,
  alert
})

/** The same entry, with which operator it was where that is known. */
export const entryBy = (by: string | undefined, made: TimelineEntry): TimelineEntry =>
  by === undefined || made.actor !== 'operator' ? made : { ...made, by }

/** The same decision, signed: an operator's entries say which one it was. */
export const signed = <D extends Decision | undefined>(by: string | undefined, decision: D): D =>
  decision && { ...decision, entries: decision.entries.map((made) => entryBy(by, made)) }

/** The enrolment after `event` by the table; throws `illegal-event` where the table does not list it, or an agent is missing. */
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
      detail: `${event} is not possible: ${enrolment.name} was to join by a join command, which is good once`,
      remedy: `joinery join-command --name ${enrolment.name}`
    })
  }
  if (state === enrolment.state) return enrolment
  const { grant, ...others } = enrolment
  const after = { ...others, state, since: now.toISOString() }
  // it is for the present approval, its attempts, and nothing after them
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
