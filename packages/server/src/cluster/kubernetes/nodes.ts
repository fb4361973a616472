import type { V1Node } from '@kubernetes/client-node'
import type { ClusterNode } from '../cluster.ts'
import type { Connection } from './connection.ts'

export const nodes = async (api: Connection): Promise<ClusterNode[]> =>
  (await api.core.listNode()).items.map(toClusterNode)

export const toClusterNode = ({ metadata, status }: V1Node): ClusterNode => {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    created: metadata?.creationTimestamp ?? new Date(0),
    machineId: status?.nodeInfo?.machineID ?? '',
    systemUuid: status?.nodeInfo?.systemUUID ?? '',
    ready: condition?.status === 'True' || condition?.status === 'False' ? condition.status : 'Unknown',
    reason: condition?.reason ?? '',
    message: condition?.message ?? ''
  }
}
