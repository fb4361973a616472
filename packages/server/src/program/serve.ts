import { given } from '@joinery/protocol/given'
import type { DependencyContainer } from 'tsyringe'
import { lostDecisions } from '../adapters/sqlite/mirror/lost-decisions.ts'
import { Clock } from '../core/base/clock.ts'
import { Log } from '../core/base/log.ts'
import { all } from '../core/base/parts.ts'
import { Worker } from '../core/base/worker.ts'
import { Commits } from '../core/commit/commits.ts'
import { Enrolments } from '../core/commit/enrolments.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { Credentials } from '../core/credentials/credentials.ts'
import { Generations } from '../core/generation/generations.ts'
import { settleRestored } from '../core/generation/settle-restored.ts'
import type { SettlingParts } from '../core/generation/take-back.ts'
import { Leadership } from '../core/leadership/leadership.ts'
import { Store, WritableStore } from '../core/ports/store/store.ts'
import { StoreAge } from '../core/ports/store/store-age.ts'
import { Statements } from '../core/trust/statements.ts'
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
  commits: container.resolve(Commits),
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
    age: container.resolve(StoreAge),
    state: config.state,
    server: config.agents.address,
    lostDecisions
  })
  const operators = await buildOperatorsApp(container)
  const log = container.resolve(Log)
  const place = { state: config.state, address: config.agents.address }
  const tls = await agentsTls(place, log)
  // before anybody hears an answer
  await container.resolve(Statements).look()
  const agents = await buildAgentsApp(container, tls)
  const stop = new AbortController()
  const door = container.resolve(Door)
  const listeners = await openListeners({
    config,
    agents,
    door,
    operators,
    tls,
    place,
    metrics: metricsParts(container),
    log,
    ...given({ makeRoom })
  })
  const works = all(container, Worker).map((worker) => worker.start(stop.signal))
  return {
    ...listeners,
    close: async () => {
      stop.abort()
      await Promise.all([listeners.close(), ...works])
      // the log gives no answer any more to a server that lost its Lease
      if (container.resolve(Leadership).holds()) await container.resolve(Generations).conclude()
      container.resolve(WritableStore).close()
    }
  }
}
