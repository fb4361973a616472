import { given } from '@joinery/protocol/given'
import type { DependencyContainer } from 'tsyringe'
import { lostDecisions } from '../adapters/sqlite/mirror/lost-decisions.ts'
import { Budgets } from '../core/base/budgets.ts'
import { Clock } from '../core/base/clock.ts'
import { Log } from '../core/base/log.ts'
import { Enrolments } from '../core/commit/enrolments.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { Credentials } from '../core/credentials/credentials.ts'
import { Generations } from '../core/generation/generations.ts'
import { settleRestored } from '../core/generation/settle-restored.ts'
import type { SettlingParts } from '../core/generation/take-back.ts'
import { Leadership } from '../core/leadership/leadership.ts'
import { Cluster } from '../core/ports/cluster/cluster.ts'
import { NodeEvents } from '../core/ports/cluster/node-events.ts'
import { Codes } from '../core/ports/objects/codes.ts'
import { Decisions } from '../core/ports/objects/decisions.ts'
import { Store } from '../core/ports/store/store.ts'
import { Pacemaker } from '../core/reconcile/pacemaker.ts'
import { EndpointWatch } from '../core/trust/endpoint-watch.ts'
import { Statements } from '../core/trust/statements.ts'
import { AuditFollower } from '../features/audit/audit-follower.ts'
import { Elsewhere } from '../features/audit/elsewhere.ts'
import { Diagnoses } from '../features/diagnosis/diagnoses.ts'
import { startReading } from '../features/kubernetes-api/asked/reading.ts'
import { CodeReader } from '../features/kubernetes-api/codes/code-reader.ts'
import { CodeStatuses } from '../features/kubernetes-api/codes/code-statuses.ts'
import { DecisionReader } from '../features/kubernetes-api/decisions/decision-reader.ts'
import { ViewWriter } from '../features/kubernetes-api/view-writer.ts'
import { Scrape } from '../features/metrics/scrape.ts'
import { NodeEventTeller } from '../features/notices/node-events/node-events.ts'
import { Traces } from '../features/notices/traces/traces.ts'
import { Webhooks } from '../features/notices/webhooks.ts'
import { Policies } from '../features/policy/policies.ts'
import { Door } from '../front/connection-guard/connection-guard.ts'
import { buildAgentsApp } from '../front/http/agents-app.ts'
import { agentsTls } from '../front/http/agents-tls.ts'
import { buildOperatorsApp } from '../front/http/operators-app.ts'
import { type Listeners, openListeners } from './listeners.ts'
import { metricsParts } from './serve-metrics.ts'

/** A server that serves, until it is closed. */
export type Running = Listeners

/** Parts of the server that take back what an older copy gave. */
export const settlingParts = (container: DependencyContainer): SettlingParts => ({
  store: container.resolve(Store),
  enrolments: container.resolve(Enrolments),
  credentials: container.resolve(Credentials),
  clock: container.resolve(Clock),
  log: container.resolve(Log)
})

/**
 * Starts both listeners and the reconciler. `makeRoom` is called when everything is there but the listeners: it frees their ports
 * and their socket, if this process has them for something else.
 */
export const serve = async (
  container: DependencyContainer,
  config: ServerConfig,
  makeRoom?: () => Promise<void>
): Promise<Running> => {
  // before an old store can give anybody anything
  await settleRestored({
    ...settlingParts(container),
    state: config.state,
    server: config.agents.address,
    lostDecisions
  })
  const scrape = container.resolve(Scrape)
  const operators = await buildOperatorsApp(container, () => scrape.answer())
  const log = container.resolve(Log)
  const place = { state: config.state, address: config.agents.address }
  const tls = await agentsTls(place, log)
  // before anybody hears an answer
  await container.resolve(Statements).look()
  const agents = await buildAgentsApp(container, tls)
  const stop = new AbortController()
  const door = container.resolve(Door)
  const metrics = metricsParts(container)
  const listeners = await openListeners({
    config,
    agents,
    door,
    operators,
    tls,
    place,
    metrics,
    log,
    ...given({ makeRoom })
  })
  const passes = container.resolve(Pacemaker).start(container.resolve(Cluster), stop.signal)
  void container.resolve(Diagnoses).start(stop.signal)
  if (container.isRegistered(Decisions)) {
    const [reader, objects] = [container.resolve(DecisionReader), container.resolve(Decisions)]
    const { decisions: budgets } = container.resolve(Budgets)
    startReading({ look: () => reader.look(), objects, plural: 'Decisions', log, budgets }, stop.signal)
  }
  if (container.isRegistered(Codes)) {
    const [reader, objects] = [container.resolve(CodeReader), container.resolve(Codes)]
    const { codes: budgets } = container.resolve(Budgets)
    const lookAgain = startReading({ look: () => reader.look(), objects, plural: 'Codes', log, budgets }, stop.signal)
    container.resolve(CodeStatuses).start(lookAgain, stop.signal)
  }
  const policy = container.isRegistered(Policies) ? container.resolve(Policies).start(stop.signal) : undefined
  const followers = [Webhooks, Traces, AuditFollower, Elsewhere, Statements, EndpointWatch] as const
  const notices = followers
    .map((one) => container.resolve<{ start(signal: AbortSignal): Promise<void> }>(one))
    .map((one) => one.start(stop.signal))
  if (container.isRegistered(NodeEvents)) notices.push(container.resolve(NodeEventTeller).start(stop.signal))
  if (container.isRegistered(ViewWriter)) container.resolve(ViewWriter).start(stop.signal)
  return {
    ...listeners,
    close: async () => {
      stop.abort()
      await Promise.all([listeners.close(), passes, policy, ...notices])
      // the log gives no answer any more to a server that lost its Lease
      if (container.resolve(Leadership).holds()) await container.resolve(Generations).conclude()
      scrape.stop()
      container.resolve(Store).close()
    }
  }
}
