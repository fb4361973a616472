import 'reflect-metadata'
import { lookup } from 'node:dns/promises'
import { container, type DependencyContainer } from 'tsyringe'
import { credentialLifetime } from '../adapters/kubernetes/credential/credential-lifetime.ts'
import { sqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { once } from '../core/base/parts.ts'
import { common } from '../core/common.ts'
import type { ServerConfig } from '../core/config/config.ts'
import type { UnguardedCluster } from '../core/ports/cluster/unguarded-cluster.ts'
import { Views } from '../core/ports/objects/views.ts'
import { AgentPackages } from '../core/ports/store/agent-packages.ts'
import type { WritableStore } from '../core/ports/store/store.ts'
import { storeFileIn } from '../core/ports/store/store-files.ts'
import { Resolve } from '../core/reconcile/serving-certificates.ts'
import { registerCore } from '../core/register-core.ts'
import { OtherServers } from '../core/services/code/other-servers.ts'
import { Statements } from '../core/trust/statements.ts'
import { audit } from '../features/audit/feature.ts'
import { diagnosis } from '../features/diagnosis/feature.ts'
import { dialBack } from '../features/dial-back/feature.ts'
import { events } from '../features/events/feature.ts'
import { kubernetesApi } from '../features/kubernetes-api/feature.ts'
import { metrics } from '../features/metrics/feature.ts'
import { notices } from '../features/notices/feature.ts'
import { policy } from '../features/policy/feature.ts'
import { ReadCredentialLifetime, registerFront } from '../front/register-front.ts'
import { endProcess } from './end-process.ts'
import { statementsOf } from './statements-of.ts'

/** Every feature, in the order in which the status tells of them. */
const features = [dialBack, diagnosis, kubernetesApi, notices, audit, events, policy, metrics] as const

/**
 * The composition root. The caller passes `cluster`, so that each call about Leases and credentials is the program's choice; a test
 * registers over any other part. Without `kubernetesDoor` nothing is shown in Kubernetes. Without `openStore` the store is a file of this host.
 */
export const createContainer = async (
  config: ServerConfig,
  cluster: UnguardedCluster,
  kubernetesDoor?: KubernetesDoor,
  openStore: OpenStore = () => sqliteStore(storeFileIn(config.state), { syncFailed: endProcess })
): Promise<DependencyContainer> => {
  const c = container.createChildContainer()
  await registerCore(c, config, { cluster, openStore })
  if (kubernetesDoor !== undefined) once(c, Views, () => kubernetesDoor.views)
  once(c, Resolve, () => resolve)
  once(c, ReadCredentialLifetime, () => credentialLifetime)
  once(c, Statements, (c) =>
    statementsOf(config, {
      ...common(c),
      others: () => c.resolve(OtherServers)(),
      agentPackage: () => c.resolve(AgentPackages).current()
    })
  )
  for (const register of features) await register(c, config)
  registerFront(c, config)
  return c
}

/** Opens the store of a server that follows the log of its cluster. The container closes it. */
export type OpenStore = () => WritableStore

/** Objects of Joinery's own in Kubernetes, by which operators see the machines. */
export interface KubernetesDoor {
  views: Views
}

const resolve = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address)
