import { X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Server } from 'node:tls'
import { fingerprint, version } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Budgets } from '../base/budgets.ts'
import type { Clock, Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { ServerConfig } from '../config/config.ts'
import { agentsTls } from '../http/agents-tls.ts'
import { keepLeaf } from '../http/keep-leaf.ts'
import { listenRefusal } from '../http/listen-refusals.ts'
import { buildStandbyAgentsApp } from '../http/standby/agents-app.ts'
import { buildStandbyOperatorsApp } from '../http/standby/operators-app.ts'
import { readStateKeys } from '../keys/state-keys.ts'
import type { KnownServers } from '../leadership/servers.ts'
import type { SharedState } from '../leadership/shared-state.ts'
import { measureServers } from '../metrics/measure-log.ts'
import { Meter } from '../metrics/meter.ts'
import { standbyStatus } from '../status/standby-status.ts'
import { listenOnSocket } from './serve.ts'
import { type Metrics, serveMetrics } from './serve-metrics.ts'
import { splitAddress } from './split-address.ts'

/** The listeners of a server that stands by. */
export interface Standby {
  /** Port of the agents' listener. */
  port: number
  metricsPort?: number
  /** Closes the listeners. Connections of agents are cut. */
  close(): Promise<void>
}

export interface StandbyParts {
  config: ServerConfig
  shared: Pick<SharedState, 'leadership'>
  servers: KnownServers
  clock: Clock
  monotonic: Monotonic
  budgets: Budgets
  log: Logger
}

/** Starts the listeners of a server that stands by: for agents, for operators and for metrics, where the active one has them. */
export const openStandby = async (parts: StandbyParts): Promise<Standby> => {
  const { config, shared, servers, clock, monotonic, budgets, log } = parts
  const { certificateAuthority } = await readStateKeys(config.state)
  const place = { state: config.state, address: config.agents.address }
  const tls = await agentsTls(place, clock.now(), log)
  const active = (): string | undefined => shared.leadership().active
  const started = clock.now()
  const { app: agents, door } = buildStandbyAgentsApp({ tls, servers, active, budgets, monotonic, log })
  const meter = new Meter()
  const scrape = async () => measured(meter, servers)
  const operators = await buildStandbyOperatorsApp({
    status: async () =>
      standbyStatus({
        started,
        config,
        pin: fingerprint(new X509Certificate(certificateAuthority).publicKey),
        storeFile: join(config.state, 'joinery.db'),
        certificateExpires: new X509Certificate(tls.cert).validToDate,
        leadership: shared.leadership(),
        servers: servers.list()
      }),
    trouble: () => shared.leadership().trouble,
    active,
    scrape,
    log
  })
  let metrics: Metrics | undefined
  try {
    await agents.listen(splitAddress(config.agents.listen)).catch((error) => {
      throw listenRefusal(error, config.agents.listen, 'agents.listen')
    })
    await listenOnSocket(operators, config.operators.socket)
    metrics = await serveMetrics(config, { meter, scrape, budgets, monotonic, log })
  } catch (error) {
    await Promise.all([agents.close(), operators.close()])
    throw error
  }
  const leaf = keepLeaf({ server: agents.server as unknown as Server, tls, place, clock, log })
  let closed: Promise<unknown> | undefined
  return {
    port: (agents.server.address() as AddressInfo).port,
    ...given({ metricsPort: metrics?.port }),
    close: async () => {
      leaf.stop()
      door.close()
      closed ??= Promise.all([agents.close(), operators.close(), metrics?.close()])
      await closed
    }
  }
}

/** The scrape of a server that stands by. Most numbers are the active one's alone. */
const measured = (meter: Meter, servers: KnownServers): ReturnType<Meter['render']> => {
  meter.set('joinery_build_info', { version, node: process.version }, 1)
  meter.set('process_start_time_seconds', {}, performance.timeOrigin / 1000)
  meter.set('process_resident_memory_bytes', {}, process.memoryUsage.rss())
  meter.set('joinery_server_active', {}, 0)
  measureServers(meter, servers.list())
  return meter.render()
}
