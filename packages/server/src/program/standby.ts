import { join } from 'node:path'
import type { Budgets } from '../core/base/budgets.ts'
import type { Clock, Monotonic } from '../core/base/clock.ts'
import type { Logger } from '../core/base/log.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { readStateKeys } from '../core/keys/state-keys.ts'
import { authorityWord } from '../core/leadership/authority-word.ts'
import type { KnownServers } from '../core/leadership/servers.ts'
import type { SharedState } from '../core/leadership/shared-state.ts'
import { AgentPackages } from '../core/ports/store/agent-packages.ts'
import { storeFileIn } from '../core/ports/store/store-files.ts'
import { standbyMetrics } from '../features/metrics/feature.ts'
import { agentsTls } from '../front/http/agents-tls.ts'
import { buildStandbyAgentsApp } from '../front/http/standby/agents-app.ts'
import { buildStandbyOperatorsApp } from '../front/http/standby/operators-app.ts'
import { readLeaf } from '../front/status/leaf-remedies.ts'
import { standbyStatus } from '../front/status/standby-status.ts'
import { type Listeners, openListeners } from './listeners.ts'
import { statementsOf } from './statements-of.ts'

export interface StandbyParts {
  config: ServerConfig
  shared: Pick<SharedState, 'leadership'>
  servers: KnownServers & {
    /** True if it may tell machines what comes next. */
    readonly isAbreast: boolean
  }
  /** Milliseconds until the Lease of another server is over, if that one seems to be gone. */
  untilOver: () => number | undefined
  clock: Clock
  monotonic: Monotonic
  budgets: Budgets
  log: Logger
}

/** Starts the listeners of a server that stands by: for agents, for operators and for metrics, where the active one has them. */
export const openStandby = async (parts: StandbyParts): Promise<Listeners> => {
  const { config, shared, servers, untilOver, clock, monotonic, budgets, log } = parts
  const { pin, next } = authorityWord(await readStateKeys(config.state))
  const place = { state: config.state, address: config.agents.address }
  const tls = await agentsTls(place, log)
  const active = (): string | undefined => shared.leadership().active
  const started = clock.now()
  const packages = new AgentPackages(servesNone, join(config.state, 'packages'), config.agentPackage)
  const statements = statementsOf(config, {
    // one that missed a rotation would have machines drop the pin that counts
    others: () => (servers.isAbreast ? servers.others() : undefined),
    // nobody fetches it here
    agentPackage: () => packages.current(),
    clock,
    log
  })
  // before anybody hears an answer
  await statements.look()
  const { app: agents, door } = buildStandbyAgentsApp({
    tls,
    servers,
    statements,
    active,
    untilOver,
    budgets,
    monotonic,
    log
  })
  const scraping = standbyMetrics(servers)
  const operators = await buildStandbyOperatorsApp({
    status: async () =>
      standbyStatus({
        started,
        config,
        pin,
        nextPin: next,
        storeFile: storeFileIn(config.state),
        leaf: await readLeaf(config.state, config.agents.address),
        now: clock.now(),
        leadership: shared.leadership(),
        unsigned: statements.remedies,
        servers: servers.list()
      }),
    trouble: () => shared.leadership().trouble,
    active,
    scraping,
    log
  })
  const metrics = { scraping, budgets, monotonic, log }
  const listeners = await openListeners({ config, agents, door, operators, tls, place, metrics, log })
  const over = new AbortController()
  const looks = statements.start(over.signal)
  return {
    ...listeners,
    close: async () => {
      over.abort()
      await Promise.all([listeners.close(), looks])
    }
  }
}

/** A server that stands by gives no machine a package. */
const servesNone = { namesPackage: async () => false }
