import type { Connection } from '@joinery/kube'
import { apiServerUrl, clusterInfoServer, configuredServer } from './endpoint.ts'
import { network } from './network.ts'

/** `override`: given to machines in place of what the cluster publishes, which counts all the same. */
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
