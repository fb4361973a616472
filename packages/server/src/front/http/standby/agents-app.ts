import type { Server } from 'node:https'
import { agentRoutes } from '@joinery/protocol'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Budgets } from '../../../core/base/budgets.ts'
import type { Monotonic } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import { notActive } from '../../../core/leadership/leadership.ts'
import type { KnownServers } from '../../../core/leadership/servers.ts'
import type { CurrentStatement } from '../../../core/trust/statements.ts'
import { Door } from '../../connection-guard/connection-guard.ts'
import { type AgentsTls, agentsHttps } from '../agents-tls.ts'
import { nameServers } from '../heed-leadership.ts'
import { answerProblems, problemAnswer } from '../problems-plugin.ts'
import { asksForStatement, sayStatement, statementAnswer } from '../say-statement.ts'
import { cutUnread } from '../unread-requests.ts'

export interface StandbyAgents {
  tls: AgentsTls
  servers: Pick<KnownServers, 'urls'>
  statements: CurrentStatement
  /** URL of the active server. Undefined if this server knows of none. */
  active: () => string | undefined
  /** Milliseconds until its Lease is over, if it seems to be gone. */
  untilOver: () => number | undefined
  budgets: Budgets
  monotonic: Monotonic
  log: Logger
}

/** A server that stands by keeps no body: it answers before it has read one. */
const bodyBytes = 1_024

/**
 * Builds the agents' listener of a server that stands by, which does not listen yet. It has the certificate of the active one,
 * answers every call but that for its statement with `not-active`, and keeps no connection but for one call more: an agent asks for the
 * statement then, which would cost another handshake. To its door everybody is a stranger.
 */
export const buildStandbyAgentsApp = (parts: StandbyAgents): { app: FastifyInstance; door: Door } => {
  const { tls, servers, statements, active, untilOver, budgets, monotonic, log } = parts
  const { requests } = budgets
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    bodyLimit: bodyBytes,
    frameworkErrors: problemAnswer(),
    clientErrorHandler: cutUnread,
    https: agentsHttps(tls, requests)
  }) as unknown as FastifyInstance
  const door = new Door({ budgets, now: monotonic, enrolment: async () => undefined, log })
  door.guard(app.server as unknown as Server)
  nameServers(app, servers)
  sayStatement(app, statements)
  answerProblems(app)
  const asked = new WeakSet<object>()
  // before the body is read
  app.addHook('onRequest', async (request, reply) => {
    const { method, socket } = request.raw
    const isLast = method !== 'GET' || asksForStatement(request) || asked.has(socket)
    if (isLast) reply.header('connection', 'close')
    asked.add(socket)
    if (!asksForStatement(request)) throw notActive(active(), untilOver())
  })
  const { method, path } = agentRoutes.statement
  app.route({ method, url: path, handler: async () => statementAnswer(statements) })
  return { app, door }
}
