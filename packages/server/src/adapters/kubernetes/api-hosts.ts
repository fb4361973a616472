import type { Connection } from '@joinery/kube'
import { apiServerUrl, clusterInfoServer, configuredServer } from './endpoint.ts'
import { network } from './network.ts'

/**
 * Hosts of every address by which the cluster is known. Machines get `override` in place of what the cluster publishes,
 * but the published hosts count too.
 */
export const apiHosts = async (api: Connection, override?: string): Promise<string[]> => {
  const [configured, info, { controlPlanes }] = await Promise.all([
    configuredServer(api),
    clusterInfoServer(api),
    network(api)
  ])
  const named = [api.server, configured, info, override === undefined ? undefined : apiServerUrl(override)]
  const urls = [...named.flatMap((url) => url ?? []), ...controlPlanes.map(apiServerUrl)]
  return [...new Set(urls.map(hostOf))].sort()
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '')
