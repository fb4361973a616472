import { chmod, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:tls'
import { given } from '@joinery/protocol/given'
import type { FastifyInstance } from 'fastify'
import type { DependencyContainer } from 'tsyringe'
import { AuditFollower } from '../audit/audit-follower.ts'
import { Elsewhere } from '../audit/elsewhere.ts'
import { Budgets } from '../base/budgets.ts'
import { Clock } from '../base/clock.ts'
import { Log } from '../base/log.ts'
import { Cluster } from '../cluster/cluster.ts'
import { Enrolments } from '../commit/enrolments.ts'
import type { ServerConfig } from '../config/config.ts'
import { Credentials } from '../credentials/credentials.ts'
import { Door } from '../door/door.ts'
import { settleRestored } from '../generation/settle-restored.ts'
import { buildAgentsApp } from '../http/agents-app.ts'
import { agentsTls } from '../http/agents-tls.ts'
import { keepLeaf } from '../http/keep-leaf.ts'
import { listenRefusal, operatorsRefusal } from '../http/listen-refusals.ts'
import { buildOperatorsApp } from '../http/operators-app.ts'
import { startReading } from '../kubernetes-door/asked/reading.ts'
import { CodeReader } from '../kubernetes-door/codes/code-reader.ts'
import { CodeStatuses } from '../kubernetes-door/codes/code-statuses.ts'
import { Codes } from '../kubernetes-door/codes/codes.ts'
import { DecisionReader } from '../kubernetes-door/decisions/decision-reader.ts'
import { Decisions } from '../kubernetes-door/decisions/decisions.ts'
import { ViewWriter } from '../kubernetes-door/view-writer.ts'
import { Scrape } from '../metrics/scrape.ts'
import { NodeEvents, NodeEventTeller } from '../notices/node-events/node-events.ts'
import { Traces } from '../notices/traces/traces.ts'
import { Webhooks } from '../notices/webhooks.ts'
import { Policies } from '../policy/policies.ts'
import { Diagnoses } from '../reconcile/diagnoses.ts'
import { Pacemaker } from '../reconcile/pacemaker.ts'
import { Store } from '../store/store.ts'
import { type Metrics, metricsParts, serveMetrics } from './serve-metrics.ts'
import { splitAddress } from './split-address.ts'

export interface Running {
  /** Port of the agents' listener. If the configuration says 0, this is the port that the system chose. */
  port: number
  /** Port of the listener for metrics, if there is one. */
  metricsPort?: number
  close(): Promise<void>
}

/**
 * Starts both listeners and the reconciler. `makeRoom` is called when everything is there but the listeners: it frees their ports
 * and their socket, if this process has them for something else.
 */
export const serve = async (
  container: DependencyContainer,
  config: ServerConfig,
  makeRoom: () => Promise<void> = async () => {}
): Promise<Running> => {
  // before an old store can give anybody anything
  await settleRestored({
    store: container.resolve(Store),
    enrolments: container.resolve(Enrolments),
    credentials: container.resolve(Credentials),
    clock: container.resolve(Clock),
    log: container.resolve(Log)
  })
  const scrape = container.resolve(Scrape)
  const operators = await buildOperatorsApp(container, () => scrape.answer())
  const [clock, log] = [container.resolve(Clock), container.resolve(Log)]
  const place = { state: config.state, address: config.agents.address }
  const tls = await agentsTls(place, clock.now(), log)
  const agents = await buildAgentsApp(container, tls)
  const stop = new AbortController()
  let metrics: Metrics | undefined
  try {
    await makeRoom()
    // first: if another server has this port, its socket is not taken either
    await agents.listen(splitAddress(config.agents.listen)).catch((error) => {
      throw listenRefusal(error, config.agents.listen, 'agents.listen')
    })
    await listenOnSocket(operators, config.operators.socket)
    metrics = await serveMetrics(config, metricsParts(container))
  } catch (error) {
    // the listener that does listen would keep the process alive, and systemd waiting
    await Promise.all([agents.close(), operators.close()])
    throw error
  }
  const server = agents.server as unknown as Server
  const leaf = keepLeaf({ server, tls, place, clock, log })
  container.resolve(Pacemaker).start(container.resolve(Cluster), stop.signal)
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
  const followers = [Webhooks, Traces, AuditFollower, Elsewhere] as const
  const notices = followers
    .map((one) => container.resolve<{ start(signal: AbortSignal): Promise<void> }>(one))
    .map((one) => one.start(stop.signal))
  if (container.isRegistered(NodeEvents)) notices.push(container.resolve(NodeEventTeller).start(stop.signal))
  if (container.isRegistered(ViewWriter)) container.resolve(ViewWriter).start(stop.signal)
  return {
    port: (agents.server.address() as AddressInfo).port,
    ...given({ metricsPort: metrics?.port }),
    close: async () => {
      stop.abort()
      leaf.stop()
      // agents hold long polls: the door cuts them, and they come back by themselves
      container.resolve(Door).close()
      await Promise.all([agents.close(), operators.close(), metrics?.close(), policy, ...notices])
      scrape.stop()
      container.resolve(Store).close()
    }
  }
}

/**
 * Listens on the socket, after removing one that a killed server left behind. The mode is the authentication: beside
 * root, only the server's own user opens the socket.
 */
export const listenOnSocket = async (app: FastifyInstance, path: string): Promise<void> => {
  const before = process.umask(0o177)
  try {
    await rm(path, { force: true })
    await app.listen({ path })
  } catch (error) {
    throw operatorsRefusal(error as NodeJS.ErrnoException, path)
  } finally {
    process.umask(before)
  }
  await chmod(path, 0o600)
}
