import { join } from 'node:path'
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import { Budgets } from '../core/base/budgets.ts'
import { Monotonic } from '../core/base/clock.ts'
import { Log } from '../core/base/log.ts'
import { all, ifThere, once } from '../core/base/parts.ts'
import { common } from '../core/common.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { Bounds } from '../core/credentials/bounds.ts'
import { Generations } from '../core/generation/generations.ts'
import { Joins } from '../core/joins/joins.ts'
import { KnownServers } from '../core/leadership/servers.ts'
import { SharedState } from '../core/leadership/shared-state.ts'
import type { CredentialLifetime } from '../core/ports/cluster/credential-lifetime.ts'
import { ConnectionMeter, Connections } from '../core/ports/connections.ts'
import { AgentPackages } from '../core/ports/store/agent-packages.ts'
import { Counts } from '../core/ports/store/counts.ts'
import { Store } from '../core/ports/store/store.ts'
import { storeFileIn } from '../core/ports/store/store-files.ts'
import { Reconciler } from '../core/reconcile/reconciler.ts'
import { BanList } from '../core/retention/ban-list.ts'
import { Identity } from '../core/services/code/other-servers.ts'
import { Refusals } from '../core/services/refusals.ts'
import { Tell } from '../core/services/told.ts'
import { Statements } from '../core/trust/statements.ts'
import { Door } from './connection-guard/connection-guard.ts'
import { NextPin } from './status/next-pin.ts'
import { StatusService } from './status/status-service.ts'

/** Reads the lifetime of the server's own token for the cluster. Undefined if it has none. */
export type ReadCredentialLifetime = (kubeconfig: string) => Promise<CredentialLifetime | undefined>
export const ReadCredentialLifetime = Symbol('ReadCredentialLifetime') as InjectionToken<ReadCredentialLifetime>

/** Registers the guard of connections, and the status. */
export const registerFront = (c: DependencyContainer, config: ServerConfig): void => {
  once(
    c,
    Door,
    (c) =>
      new Door({
        budgets: c.resolve(Budgets),
        now: c.resolve(Monotonic),
        enrolment: (key) => c.resolve(Store).enrolmentByKey(key),
        log: c.resolve(Log),
        meter: ifThere(c, ConnectionMeter)
      })
  )
  once(c, Connections, (c) => c.resolve(Door))
  once(c, NextPin, (c) => new NextPin(c.resolve(Identity).nextPin))
  once(
    c,
    StatusService,
    (c) =>
      new StatusService({
        ...common(c),
        counts: c.resolve(Counts),
        storeFile: storeFileIn(config.state),
        packages: c.resolve(AgentPackages),
        refusals: c.resolve(Refusals),
        identity: c.resolve(Identity),
        nextPin: c.resolve(NextPin),
        statements: c.resolve(Statements),
        config,
        bounds: c.resolve(Bounds),
        banList: c.resolve(BanList),
        generations: c.resolve(Generations),
        joins: c.resolve(Joins),
        tells: all(c, Tell),
        credentialLifetime: () => c.resolve(ReadCredentialLifetime)(join(config.state, 'kubeconfig')),
        outage: () => c.resolve(Reconciler).outage,
        servers: c.resolve(KnownServers),
        shared: ifThere(c, SharedState)
      })
  )
}
