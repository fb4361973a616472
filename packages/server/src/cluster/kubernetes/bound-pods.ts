import type { BoundPod } from '@joinery/protocol'
import type { Connection } from './connection.ts'

export const boundPods = async (api: Connection, node: string): Promise<BoundPod[]> => {
  const { items } = await api.core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${node}` })
  return items.map(({ metadata }) => ({
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    controller: metadata?.ownerReferences?.find(({ controller }) => controller === true)?.kind ?? ''
  }))
}
