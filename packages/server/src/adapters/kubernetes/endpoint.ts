import { isIPv6 } from 'node:net'
import type { Connection } from '@joinery/kube'
import { ProblemError } from '@joinery/protocol'
import { bufferFromFileOrString, type KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { rememberLatest } from '../../core/base/remember-latest.ts'
import type { ClusterEndpoint } from '../../core/ports/cluster/cluster-settings.ts'
import { clusterConfiguration, configMapValue } from './config-map.ts'

/**
 * The cluster's endpoint for machines. `override`, and `controlPlaneEndpoint` of kubeadm-config, are host or host:port.
 */
export const endpoint = async (api: Connection, override?: string): Promise<ClusterEndpoint> => ({
  server: override === undefined ? await publishedServer(api) : apiServerUrl(override),
  certificateAuthority: certificateAuthority(api.config)
})

interface Published {
  controlPlaneEndpoint?: unknown
  clusters?: { cluster?: { server?: unknown } }[]
}

/** Each claim asks for the endpoint, and the cluster answers with the same texts as before. */
const parsed = rememberLatest((text): Published | null => parse(text), 64 * 1024)

/** API server that the cluster publishes. Undefined if it publishes none. */
export const publishedEndpoint = async (api: Connection): Promise<string | undefined> =>
  (await configuredServer(api)) ?? (await clusterInfoServer(api))

const publishedServer = async (api: Connection): Promise<string> => {
  const server = await publishedEndpoint(api)
  if (server !== undefined) return server
  throw new ProblemError('cluster-unavailable', {
    detail: 'neither kubeadm-config nor cluster-info names an endpoint',
    remedy: 'set apiEndpoint in the configuration of joinery-server'
  })
}

/** API server in kubeadm-config. Undefined if kubeadm-config names none. */
export const configuredServer = async (api: Connection): Promise<string | undefined> => {
  const controlPlane = parsed(await clusterConfiguration(api))?.controlPlaneEndpoint
  return typeof controlPlane === 'string' && controlPlane !== '' ? apiServerUrl(controlPlane) : undefined
}

/** API server in cluster-info. Undefined if cluster-info names none. */
export const clusterInfoServer = async (api: Connection): Promise<string | undefined> => {
  const kubeconfig = await configMapValue(api, 'kube-public', 'cluster-info', 'kubeconfig')
  const server = parsed(kubeconfig)?.clusters?.[0]?.cluster?.server
  return typeof server === 'string' && server !== '' ? server : undefined
}

/** URL with port, from host or host:port; kubeadm's default is 6443. */
export const apiServerUrl = (hostAndPort: string): string => {
  if (isIPv6(hostAndPort)) return `https://[${hostAndPort}]:6443`
  return /:\d+$/.test(hostAndPort) ? `https://${hostAndPort}` : `https://${hostAndPort}:6443`
}

/** PEM of the CA that verifies the current cluster of `config`. */
export const certificateAuthority = (config: KubeConfig): string => {
  const cluster = config.getCurrentCluster()
  const ca = bufferFromFileOrString(cluster?.caFile, cluster?.caData)
  if (ca === null)
    throw new ProblemError('cluster-unavailable', { detail: 'the kubeconfig has no certificate authority' })
  return ca.toString('utf8')
}
