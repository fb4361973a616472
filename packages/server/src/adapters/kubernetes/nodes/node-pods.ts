import type { Connection } from '@joinery/kube'
import { given } from '@joinery/protocol/given'
import type { V1Pod } from '@kubernetes/client-node'
import { budgets } from '../../../core/base/budgets.ts'
import type { NodePod } from '../../../core/ports/cluster/nodes.ts'

/** Pods in a page. A kubelet may make Pods of a megabyte on its own Node, and a page is in memory as a whole. */
const pageSize = 50

/** Annotation of a Pod that a kubelet makes for a static Pod of its own. */
const mirror = 'kubernetes.io/config.mirror'

/** Reads the Pods of the Node page by page, and no more pages than the budget allows. */
export const nodePods = async (api: Connection, node: string): Promise<NodePod[]> => {
  const found: NodePod[] = []
  let next: string | undefined
  for (let read = 0; read < budgets.gates.pods; read += pageSize) {
    const page = { limit: pageSize, ...given({ _continue: next }) }
    const { items, metadata } = await api.core.listPodForAllNamespaces({
      fieldSelector: `spec.nodeName=${node}`,
      ...page
    })
    found.push(...items.filter(isScheduled).map(toNodePod))
    next = metadata?._continue || undefined
    if (next === undefined) break
  }
  return found
}

const isScheduled = ({ metadata }: V1Pod): boolean => !(mirror in (metadata?.annotations ?? {}))

/** The Pod as gates ask for it. Its owner counts by kind and API group: others have DaemonSets too. */
export const toNodePod = ({ metadata = {}, status = {} }: V1Pod): NodePod => {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  const isDaemon = owner?.kind === 'DaemonSet' && owner.apiVersion.startsWith('apps/')
  const isReady = status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    created: metadata.creationTimestamp ?? new Date(0),
    labels: metadata.labels ?? {},
    ...given({ daemonSet: isDaemon ? owner.name : undefined }),
    phase: status.phase ?? '',
    ready: isReady && metadata.deletionTimestamp === undefined
  }
}
