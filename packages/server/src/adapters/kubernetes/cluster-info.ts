import { BoundedConfig, type Connection, connectionBy, statusOf } from '@joinery/kube'
import { configMapValue } from './config-map.ts'

/**
 * True if the cluster shows cluster-info to a machine that has nothing yet: the request has no credential. 401 means
 * that the API server knows no anonymous users.
 */
export const publishesClusterInfo = async ({ config }: Connection): Promise<boolean> => {
  const anonymous = anonymousConfig(config.getCurrentCluster())
  try {
    return (await configMapValue(connectionBy(anonymous), 'kube-public', 'cluster-info', 'kubeconfig')) !== ''
  } catch (error) {
    if ([401, 403].includes(statusOf(error) ?? 0)) return false
    throw error
  }
}

const anonymousConfig = (cluster: ReturnType<BoundedConfig['getCurrentCluster']>): BoundedConfig => {
  if (cluster === null) throw new Error('it has no current context with a cluster')
  const config = new BoundedConfig()
  config.loadFromClusterAndUser(cluster, { name: 'anonymous' })
  return config
}
