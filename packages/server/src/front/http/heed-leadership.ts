import { serversHeader, serversHeaderOf } from '@joinery/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Leadership, notActive } from '../../core/leadership/leadership.ts'
import type { KnownServers } from '../../core/leadership/servers.ts'
import { asksForStatement } from './say-statement.ts'

/**
 * Answers the API only while this server is the active one. Each request is looked at before anything is done for it, and each
 * answer just before it is sent: an answer may say that a machine is approved, or have its credential in it. Health and metrics
 * are no part of the API, and the statement gives nothing to a machine.
 */
export const heedLeadership = (app: FastifyInstance, leadership: Leadership): void => {
  app.addHook('onRequest', (request, _, next) => {
    if (isOfApi(request) && !leadership.holds()) return next(notActive())
    next()
  })
  app.addHook('onSend', (request, reply, payload, next) => {
    // a stream is a package, which is no secret; a problem gives nothing
    if (!isOfApi(request) || typeof payload !== 'string' || reply.statusCode >= 400) return next(null, payload)
    next(null, leadership.holds() ? payload : refuse(reply))
  })
}

/** True by the route that matched: the text of a path can be written in many ways. What matched none may be a call of another version. */
const isOfApi = (request: FastifyRequest): boolean =>
  !asksForStatement(request) && (request.routeOptions.url?.startsWith('/v1/') ?? true)

const refuse = (reply: FastifyReply): string => {
  const { body, retryAfter = 1 } = notActive()
  reply
    .code(body.status)
    .type('application/problem+json')
    .header('retry-after', retryAfter)
    .removeHeader('content-length')
  return JSON.stringify(body)
}

/** Names all servers in each answer to an agent, if there are several. The agent then knows where to go if this one is gone. */
export const nameServers = (app: FastifyInstance, servers: Pick<KnownServers, 'urls'>): void => {
  app.addHook('onRequest', (_, reply, next) => {
    const value = serversHeaderOf(servers.urls())
    if (value !== undefined) reply.header(serversHeader, value)
    next()
  })
}
