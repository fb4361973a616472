import type { Connection } from '@joinery/kube'
import { statusOf } from '@joinery/kube'

/** Value of one key of a ConfigMap. Empty if there is no such ConfigMap, or no such key in it. */
export const configMapValue = async (
  api: Connection,
  namespace: string,
  name: string,
  key: string
): Promise<string> => {
  try {
    return (await api.core.readNamespacedConfigMap({ namespace, name })).data?.[key] ?? ''
  } catch (error) {
    if (statusOf(error) === 404) return ''
    throw error
  }
}

/** The ClusterConfiguration that kubeadm wrote down, as YAML. Empty in a cluster that kubeadm did not make. */
export const clusterConfiguration = (api: Connection): Promise<string> =>
  configMapValue(api, 'kube-system', 'kubeadm-config', 'ClusterConfiguration')
