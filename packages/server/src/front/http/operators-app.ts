import { operatorRoutes } from '@joinery/protocol'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { DependencyContainer } from 'tsyringe'
import { Log } from '../../core/base/log.ts'
import { all } from '../../core/base/parts.ts'
import { Leadership } from '../../core/leadership/leadership.ts'
import { Events } from '../../core/ports/events.ts'
import { Scraping } from '../../core/ports/scraping.ts'
import { Store } from '../../core/ports/store/store.ts'
import { Reconciler } from '../../core/reconcile/reconciler.ts'
import { answersOf, NoteRead, OperatorAnswers } from '../../core/services/answers.ts'
import { CodeService } from '../../core/services/code-service.ts'
import { JoinCommandService } from '../../core/services/join-command-service.ts'
import { NodeService } from '../../core/services/node-service.ts'
import { OperatorService } from '../../core/services/operator-service.ts'
import { StatusService } from '../status/status-service.ts'
import { heedLeadership } from './heed-leadership.ts'
import { noteMethods } from './other-methods.ts'
import { answerProblems, problemAnswer } from './problems-plugin.ts'
import { requireOperatorName } from './routes/claimed-operator.ts'
import { eventsPlugin } from './routes/events.ts'
import { healthPlugin } from './routes/health.ts'
import { metricsPlugin } from './routes/metrics.ts'
import { noteReads } from './routes/note-reads.ts'
import { operatorHandlers } from './routes/operators.ts'
import { register } from './routes/register.ts'
import { schemaCompilers } from './schema-compilers.ts'
import { answeredByUs, answerUnread } from './unread-requests.ts'

/** Builds the operators' listener, which does not listen yet. It is for a unix socket that only root can open. */
export const buildOperatorsApp = async (container: DependencyContainer): Promise<FastifyInstance> => {
  const app = Fastify({
    loggerInstance: container.resolve(Log),
    // the timeline has what happens; a line for each long poll would drown it
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 16 * 1024,
    requestTimeout: 5_000,
    // a request that comes while it closes has an answer like any other, and not one in the words of the framework
    return503OnClosing: false,
    // length of the longest node name; the default is 100
    routerOptions: { maxParamLength: 253 },
    ...schemaCompilers,
    frameworkErrors: problemAnswer(),
    clientErrorHandler: answerUnread,
    http: answeredByUs
  }) as unknown as FastifyInstance
  // not counted: an operator hears of a typing error, and nobody needs to watch for those
  answerProblems(app)
  requireOperatorName(app)
  const refuseOthers = noteMethods(app)
  heedLeadership(app, container.resolve(Leadership))
  const handlers = operatorHandlers({
    codes: container.resolve(CodeService),
    enrolments: container.resolve(OperatorService),
    joinCommands: container.resolve(JoinCommandService),
    nodes: container.resolve(NodeService),
    status: container.resolve(StatusService),
    answers: answersOf(container, OperatorAnswers)
  })
  for (const note of all(container, NoteRead)) noteReads(app, note)
  register(app, operatorRoutes, handlers)
  await app.register(eventsPlugin(container.resolve(Events)))
  await app.register(healthPlugin(container.resolve(Store), () => container.resolve(Reconciler).trouble))
  await app.register(metricsPlugin(container.resolve(Scraping)))
  refuseOthers()
  return app
}
