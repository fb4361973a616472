import Type, { type Static } from 'typebox'
import { EnrolmentQuery } from './lists.ts'
import { Enrolment } from './operator-api.ts'
import type { Route } from './route.ts'

const { name, role, state, code } = EnrolmentQuery.properties

/** Filters for the events, as for the list. */
export const EventsQuery = Type.Object({ name, role, state, code }, { additionalProperties: false })
export type EventsQuery = Static<typeof EventsQuery>

/** Data of the event `changed`. */
export const Changed = Type.Object({
  enrolments: Type.Array(Enrolment, { description: 'enrolments that changed, each as the list shows it now' }),
  gone: Type.Array(Type.String(), {
    description: 'ids of enrolments that are gone, or are not in one of the states that were asked for'
  })
})
export type Changed = Static<typeof Changed>

/**
 * Events of a stream, by their names:
 * - begin: the stream goes on from the place that `Last-Event-ID` named, or begins now. What changes from here on is told.
 * - changed: enrolments changed. The data are `Changed`.
 * - reset: the place is not known any more, or too much has changed: look at the whole list again.
 */
export const eventNames = ['begin', 'changed', 'reset'] as const
export type EventName = (typeof eventNames)[number]

/**
 * `GET /v1/events`: the changes of enrolments as server-sent events (the HTML standard, section 9.2). An enrolment that changes often
 * is told as it is when its turn comes, so a slow reader misses steps and no end. After a cut, a reader goes on from the `id` of its
 * last event by `Last-Event-ID`. A comment line comes at least each 20 s.
 */
export const eventsRoute = {
  method: 'GET',
  path: '/v1/events',
  summary: 'Follow the enrolments: server-sent events `begin`, `changed` and `reset`; the data of `changed` are this',
  query: EventsQuery,
  media: 'text/event-stream',
  response: { 200: Changed }
} as const satisfies Route
