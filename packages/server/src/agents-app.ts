import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { DependencyContainer } from 'tsyringe'
import { AgentPackages } from './agent-packages.ts'
import type { AgentsTls } from './agents-tls.ts'
import { AgentService } from './enrolments/agent-service.ts'
import { Log } from './log.ts'
import { answerProblems } from './problems-plugin.ts'
import { agentPlugin } from './routes/agents.ts'
import { packagePlugin } from './routes/packages.ts'
import { Refusals } from './status/refusals.ts'

/** Half-open TLS costs up to 60 KB each: past this many connections new ones are refused, and memory stays bounded. */
const maxConnections = 10_000

/** The agents' listener, not listening yet. Any client certificate is let in: its key is an identity, not a permission. */
export const buildAgentsApp = async (container: DependencyContainer, tls: AgentsTls): Promise<FastifyInstance> => {
  const app = Fastify({
    loggerInstance: container.resolve(Log),
    // what happens is in the timeline; a line for each long poll would drown it
    logController: new LogController({ disableRequestLogging: true }),
    // one for each request is memory that every agent that waits would hold
    childLoggerFactory: (logger) => logger,
    bodyLimit: 64 * 1024,
    requestTimeout: 5_000,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    https: {
      ...tls,
      requestCert: true,
      rejectUnauthorized: false,
      headersTimeout: 3_000,
      requestTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      handshakeTimeout: 5_000
    }
  }) as unknown as FastifyInstance
  app.server.maxConnections = maxConnections
  answerProblems(app, container.resolve(Refusals))
  await app.register(agentPlugin(container.resolve(AgentService)))
  await app.register(packagePlugin(container.resolve(AgentPackages)))
  return app
}
