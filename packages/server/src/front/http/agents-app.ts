import type { Server } from 'node:https'
import { agentRoutes } from '@joinery/protocol'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../../core/base/budgets.ts'
import { Monotonic } from '../../core/base/clock.ts'
import { Log } from '../../core/base/log.ts'
import { CallRates } from '../../core/base/rates/call-rates.ts'
import { Witnesses } from '../../core/generation/witnesses.ts'
import { Leadership } from '../../core/leadership/leadership.ts'
import { KnownServers } from '../../core/leadership/servers.ts'
import { AgentPackages } from '../../core/ports/store/agent-packages.ts'
import { AgentService } from '../../core/services/agent-service.ts'
import { AgentAnswers, answersOf } from '../../core/services/answers.ts'
import { Refusals } from '../../core/services/refusals.ts'
import { UnknownFields } from '../../core/services/unknown-fields.ts'
import { Statements } from '../../core/trust/statements.ts'
import { UnknownPins } from '../../core/trust/unknown-pins.ts'
import { Door } from '../connection-guard/connection-guard.ts'
import { NextPin } from '../status/next-pin.ts'
import { hearKnownPins, oneRequestAtATime, sayProtocol } from './agents-hooks.ts'
import { type AgentsTls, agentsHttps } from './agents-tls.ts'
import { Downloads } from './downloads.ts'
import { heedLeadership, nameServers } from './heed-leadership.ts'
import { noteMethods } from './other-methods.ts'
import { answerProblems, problemAnswer } from './problems-plugin.ts'
import { agentHandlers, agentOptions } from './routes/agents.ts'
import { packagePlugin } from './routes/packages.ts'
import { register } from './routes/register.ts'
import { sayStatement } from './say-statement.ts'
import { schemaCompilers } from './schema-compilers.ts'
import { cutUnread } from './unread-requests.ts'

/**
 * Builds the agents' listener, which does not listen yet. It lets any client certificate in: the key is an identity,
 * not a permission.
 */
export const buildAgentsApp = async (container: DependencyContainer, tls: AgentsTls): Promise<FastifyInstance> => {
  const { keepAlive, requests, packages } = container.resolve(Budgets)
  const app = Fastify({
    loggerInstance: container.resolve(Log),
    // the timeline has what happens; a line for each long poll would drown it
    logController: new LogController({ disableRequestLogging: true }),
    // one logger for each request is memory that every waiting agent would hold
    childLoggerFactory: (logger) => logger,
    bodyLimit: requests.bodyBytes,
    requestTimeout: requests.timeout,
    // for known keys: the door closes the connections of strangers
    keepAliveTimeout: keepAlive.known,
    ...schemaCompilers,
    frameworkErrors: problemAnswer(container.resolve(Refusals)),
    clientErrorHandler: cutUnread,
    https: agentsHttps(tls, requests)
  }) as unknown as FastifyInstance
  const refuseOthers = noteMethods(app)
  container.resolve(Door).guard(app.server as unknown as Server)
  oneRequestAtATime(app)
  sayProtocol(app)
  nameServers(app, container.resolve(KnownServers))
  heedLeadership(app, container.resolve(Leadership))
  answerProblems(app, container.resolve(Refusals))
  hearKnownPins(app, container.resolve(NextPin), container.resolve(UnknownPins))
  const options = agentOptions({
    rates: container.resolve(CallRates),
    unknown: container.resolve(UnknownFields),
    witnesses: container.resolve(Witnesses)
  })
  const statements = container.resolve(Statements)
  const calls = { ...container.resolve(AgentService), ...answersOf(container, AgentAnswers) }
  sayStatement(app, statements)
  register(app, agentRoutes, agentHandlers(calls, statements), options)
  const downloads = new Downloads(packages, container.resolve(Monotonic))
  await app.register(packagePlugin(container.resolve(AgentPackages), downloads))
  refuseOthers()
  return app
}
