import type { Connection } from '@joinery/kube'
import { inPages, statusOf } from '@joinery/kube'
import type { Taint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { V1Node } from '@kubernetes/client-node'
import { boundedNode } from '../../../core/ports/cluster/bounded-text.ts'
import type { ClusterNode } from '../../../core/ports/cluster/nodes.ts'

export const nodes = (api: Connection): Promise<ClusterNode[]> =>
  inPages((page) => api.core.listNode(page), toClusterNode)

/** Reads the Node. Undefined if there is none. */
export const readNode = async (api: Connection, name: string): Promise<V1Node | undefined> => {
  try {
    return await api.core.readNode({ name })
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

export const toClusterNode = ({ metadata, spec, status }: V1Node): ClusterNode => {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  return boundedNode({
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    created: metadata?.creationTimestamp ?? new Date(0),
    machineId: status?.nodeInfo?.machineID ?? '',
    systemUuid: status?.nodeInfo?.systemUUID ?? '',
    addresses: (status?.addresses ?? []).filter(({ type }) => ipTypes.includes(type)).map(({ address }) => address),
    ready: condition?.status === 'True' || condition?.status === 'False' ? condition.status : 'Unknown',
    ...given({ since: condition?.lastTransitionTime ?? undefined }),
    reason: condition?.reason ?? '',
    message: condition?.message ?? '',
    conditions: (status?.conditions ?? []).flatMap(({ type, status }) =>
      type !== 'Ready' && status === 'True' ? type : []
    ),
    labels: metadata?.labels ?? {},
    taints: (spec?.taints ?? []).map(({ key, value = '', effect }) => ({
      key,
      value,
      effect: effect as Taint['effect']
    })),
    ...(spec?.podCIDRs !== undefined && { podCidrs: spec.podCIDRs })
  })
}

const ipTypes = ['InternalIP', 'ExternalIP']
