import { operatorRoutes, type Status } from '@joinery/protocol'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Logger } from '../../../core/base/log.ts'
import { notActive } from '../../../core/leadership/leadership.ts'
import type { Scraping } from '../../../core/ports/scraping.ts'
import { problemAnswer } from '../problems-plugin.ts'
import { metricsPlugin } from '../routes/metrics.ts'
import { schemaCompilers } from '../schema-compilers.ts'
import { answeredByUs, answerUnread, wantHost } from '../unread-requests.ts'

export interface StandbyOperators {
  status: () => Promise<Status>
  /** Reason why this server could not take over now. Undefined if it could. */
  trouble: () => string | undefined
  active: () => string | undefined
  scraping: Pick<Scraping, 'scrape'>
  log: Logger
}

/**
 * Builds the operators' listener of a server that stands by, which does not listen yet: it has the status, health and metrics. As
 * kube-scheduler does, it is ready while it stands by, because it does all that it has to. It is not ready if it could not take
 * over.
 */
export const buildStandbyOperatorsApp = async (parts: StandbyOperators): Promise<FastifyInstance> => {
  const { status, trouble, active, scraping, log } = parts
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 16 * 1024,
    requestTimeout: 5_000,
    // a request that comes while it closes has an answer like any other, and not one in the words of the framework
    return503OnClosing: false,
    ...schemaCompilers,
    frameworkErrors: problemAnswer(),
    clientErrorHandler: answerUnread,
    http: answeredByUs
  }) as unknown as FastifyInstance
  wantHost(app)
  app.setErrorHandler(problemAnswer())
  // also a path that does not exist: another version may have it
  app.setNotFoundHandler(() => {
    throw notActive(active())
  })
  const { path, response } = operatorRoutes.status
  app.get(path, { schema: { response } }, () => status())
  app.get('/livez', async (_, reply) => reply.type('text/plain').send('ok\n'))
  app.get('/readyz', async (_, reply) => {
    const reason = trouble()
    const line = reason === undefined ? '[+]standby ok' : `[-]standby failed: ${reason}`
    return reply
      .code(reason === undefined ? 200 : 503)
      .type('text/plain')
      .send(`${line}\n`)
  })
  await app.register(metricsPlugin(scraping))
  return app
}
