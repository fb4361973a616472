import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ProblemError } from '@joinery/protocol'
import {
  AppsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CertificatesV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  DiscoveryV1Api,
  EventsV1Api,
  KubernetesObjectApi,
  VersionApi
} from '@kubernetes/client-node'
import { BoundedConfig, type Pause, type Sending } from './bounded-config.ts'
import { explain } from './errors.ts'

/** Typed clients of one cluster, with one credential. */
export interface Connection {
  config: BoundedConfig
  /** URL of the API server. */
  server: string
  core: CoreV1Api
  apps: AppsV1Api
  certificates: CertificatesV1Api
  coordination: CoordinationV1Api
  discovery: DiscoveryV1Api
  events: EventsV1Api
  /** Joinery's own objects. */
  custom: CustomObjectsApi
  authentication: AuthenticationV1Api
  authorization: AuthorizationV1Api
  version: VersionApi
  objects: KubernetesObjectApi
}

/** Connects by the text of a kubeconfig, whose relative paths start from `folder`. */
export const connect = (kubeconfig: string, folder = '', sending: Sending = {}): Connection => {
  const config = new BoundedConfig(sending)
  config.loadFromString(kubeconfig)
  config.makePathsAbsolute(folder)
  return connectionBy(config)
}

export const connectionBy = (config: BoundedConfig): Connection => {
  const server = config.getCurrentCluster()?.server
  if (server === undefined) throw new Error('it has no current context with a cluster')
  return {
    config,
    server,
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    certificates: config.makeApiClient(CertificatesV1Api),
    coordination: config.makeApiClient(CoordinationV1Api),
    discovery: config.makeApiClient(DiscoveryV1Api),
    events: config.makeApiClient(EventsV1Api),
    custom: config.makeApiClient(CustomObjectsApi),
    authentication: config.makeApiClient(AuthenticationV1Api),
    authorization: config.makeApiClient(AuthorizationV1Api),
    version: config.makeApiClient(VersionApi),
    objects: KubernetesObjectApi.makeApiClient(config)
  }
}

export interface LiveConnection {
  /** The connection by what the file holds now: the server renews the credential in the file while it runs. */
  connection(): Connection
  /** Does `work` with the connection. A failure becomes `cluster-unavailable` with the reason. */
  call<T>(work: (api: Connection) => Promise<T>): Promise<T>
  pause: Pause
}

const realPause: Pause = (milliseconds, signal) =>
  setTimeout(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)

/** Connects by a kubeconfig file, and follows its changes. */
export const connectionTo = (kubeconfigFile: string, sending: Sending = {}): LiveConnection => {
  let last: { text: string; connection: Connection } | undefined
  const connection = (): Connection => {
    const text = readKubeconfig(kubeconfigFile)
    if (text !== last?.text) last = { text, connection: parseKubeconfig(kubeconfigFile, text, sending) }
    return last.connection
  }
  return {
    connection,
    pause: sending.pause ?? realPause,
    call: async (work) => {
      const api = connection()
      return explain(api.server, () => work(api))
    }
  }
}

/** Remedy, on the host of the pairing server, if the cluster or the server's kubeconfig lacks what setup makes. */
export const setupRemedy = 'joinery-server setup --kubeconfig /etc/kubernetes/admin.conf'

const readKubeconfig = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProblemError(
      'cluster-unavailable',
      { detail: `the kubeconfig ${file} cannot be read`, remedy: setupRemedy },
      { cause }
    )
  }
}

const parseKubeconfig = (file: string, text: string, sending: Sending): Connection => {
  try {
    return connect(text, dirname(file), sending)
  } catch {
    // the parser's own words may quote the token
    throw new ProblemError('cluster-unavailable', {
      detail: `${file} is not a kubeconfig that can be used`,
      remedy: setupRemedy
    })
  }
}
