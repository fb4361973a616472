import Type, { type Static } from 'typebox'
import { EnrolmentQuery } from './lists.ts'
import { Enrolment } from './operator-api.ts'
import type { Route } from './route.ts'

const { name, role, state, code } = EnrolmentQuery.properties

/** Filters for the events, as for the list. */
export const EventsQuery = Type.Object({ name, role, state, code }, { additionalProperties: false })
export type EventsQuery = Static<typeof EventsQuery>

/** Data of each event; both lists are empty unless it is `changed`. */
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
 * - changed: enrolments changed, those of the data.
 * - reset: the place is not known any more, or too much has changed: look at the whole list again.
 */
export const eventNames = ['begin', 'changed', 'reset'] as const
export type EventName = (typeof eventNames)[number]

/** One event of the stream, by the names of its fields; the data are the text of a `Changed`. */
export const ChangeEvent = Type.Object({
  id: Type.Optional(Type.String({ description: 'place from which `Last-Event-ID` goes on' })),
  event: Type.Union(eventNames.map((name) => Type.Literal(name))),
  data: Type.String({ contentMediaType: 'application/json', contentSchema: Changed })
})

/**
 * `GET /v1/events`: the changes of enrolments as server-sent events (the HTML standard, section 9.2). An enrolment that changes often
 * is told as it is when its turn comes, so a slow reader misses steps and no end. After a cut, a reader goes on from the `id` of its
 * last event by `Last-Event-ID`. A comment line comes at least each 20 s.
 */
export const eventsRoute = {
  method: 'GET',
  path: '/v1/events',
  summary: 'Follow the enrolments: server-sent events `begin`, `changed` and `reset`, each of this form',
  query: EventsQuery,
  media: 'text/event-stream',
  response: { 200: ChangeEvent }
} as const satisfies Route
