import type { Connection, NodeConfiguration } from '@joinery/kube'
import { configurationMaps, nodeConfiguration, statusOf } from '@joinery/kube'
import { configMapValue } from '../config-map.ts'

export const readNodeConfiguration = async (api: Connection): Promise<NodeConfiguration> => {
  const { kubelet, kubeProxy } = configurationMaps
  return nodeConfiguration(...(await Promise.all([valueIfAllowed(api, kubelet), valueIfAllowed(api, kubeProxy)])))
}

/**
 * Value of one key of a ConfigMap. Empty if the server has no right to the ConfigMap: a cluster that an earlier version
 * set up gives none.
 */
const valueIfAllowed = async (api: Connection, { name, key }: { name: string; key: string }): Promise<string> => {
  try {
    return await configMapValue(api, 'kube-system', name, key)
  } catch (error) {
    if (statusOf(error) === 403) return ''
    throw error
  }
}
