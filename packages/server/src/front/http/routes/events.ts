import { Readable } from 'node:stream'
import { type EventsQuery, eventsRoute } from '@joinery/protocol'
import type { FastifyPluginAsync } from 'fastify'
import type { Events } from '../../../core/ports/events.ts'

/** Serves the stream of changes to whoever may open the operators' socket. */
export const eventsPlugin =
  (events: Events): FastifyPluginAsync =>
  async (app) => {
    const closing = new AbortController()
    // an open stream would hold up the end of the server
    app.addHook('preClose', async () => closing.abort())
    const { path, query } = eventsRoute
    app.get<{ Querystring: EventsQuery }>(
      path,
      { schema: { querystring: query }, exposeHeadRoute: false },
      async (request, reply) => {
        const gone = new AbortController()
        reply.raw.once('close', () => gone.abort())
        const after = request.headers['last-event-id']
        const signal = AbortSignal.any([closing.signal, gone.signal])
        const text = events.follow(request.query, [after].flat()[0], signal)
        // an event is made when the one before it is gone: what a slow reader has not taken is no more than ids
        const body = Readable.from(text, { objectMode: false })
        return reply.type('text/event-stream').header('cache-control', 'no-store').send(body)
      }
    )
  }
