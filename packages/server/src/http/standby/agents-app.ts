import type { Server } from 'node:https'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Budgets } from '../../base/budgets.ts'
import type { Monotonic } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { Door } from '../../door/door.ts'
import { notActive } from '../../leadership/leadership.ts'
import type { KnownServers } from '../../leadership/servers.ts'
import { type AgentsTls, agentsHttps } from '../agents-tls.ts'
import { nameServers } from '../heed-leadership.ts'
import { problemAnswer } from '../problems-plugin.ts'

export interface StandbyAgents {
  tls: AgentsTls
  servers: Pick<KnownServers, 'urls'>
  /** URL of the active server. Undefined if this server knows of none. */
  active: () => string | undefined
  budgets: Budgets
  monotonic: Monotonic
  log: Logger
}

/** A server that stands by keeps no body: it answers before it has read one. */
const bodyBytes = 1_024

/**
 * Builds the agents' listener of a server that stands by, which does not listen yet. It has the certificate of the active one,
 * answers every call with `not-active`, and keeps no connection. To its door everybody is a stranger.
 */
export const buildStandbyAgentsApp = (parts: StandbyAgents): { app: FastifyInstance; door: Door } => {
  const { tls, servers, active, budgets, monotonic, log } = parts
  const { requests } = budgets
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    bodyLimit: bodyBytes,
    frameworkErrors: problemAnswer(),
    https: agentsHttps(tls, requests)
  }) as unknown as FastifyInstance
  const door = new Door({ budgets, now: monotonic, enrolment: async () => undefined, log })
  door.guard(app.server as unknown as Server)
  nameServers(app, servers)
  // before the body is read
  app.addHook('onRequest', async (_, reply) => {
    const { body, retryAfter = 1 } = notActive(active())
    const last = { connection: 'close', 'retry-after': String(retryAfter) }
    return reply.code(body.status).headers(last).type('application/problem+json').send(JSON.stringify(body))
  })
  return { app, door }
}
