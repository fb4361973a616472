import type { Connection } from '@joinery/kube'
import { inPages, statusOf } from '@joinery/kube'
import { bannedLabel, leaseNamespace } from '@joinery/kube/names'
import type { Taint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type {
  V1ContainerState,
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1DaemonSet,
  V1NodeSelectorRequirement,
  V1Pod
} from '@kubernetes/client-node'
import { boundedSight, shortText } from '../../../core/ports/cluster/bounded-text.ts'
import {
  type ContainerSight,
  type DaemonPod,
  type DaemonSetSight,
  daemonSetsAtMost,
  imagesOfOne,
  type NodeSight,
  type PodSight,
  podsAtMost,
  type Requirement
} from '../../../core/ports/cluster/node-sight.ts'
import { readNode } from './nodes.ts'

/** The Node as it says itself why it is not Ready. Undefined if there is none. */
export const nodeSight = async (api: Connection, name: string): Promise<NodeSight | undefined> => {
  const node = await readNode(api, name)
  if (node === undefined) return undefined
  const { metadata, spec, status } = node
  return boundedSight({
    uid: metadata?.uid ?? '',
    created: metadata?.creationTimestamp ?? new Date(0),
    conditions: (status?.conditions ?? []).map((condition) => ({
      type: condition.type,
      status: condition.status,
      reason: condition.reason ?? '',
      message: condition.message ?? '',
      ...given({ since: condition.lastTransitionTime, written: condition.lastHeartbeatTime })
    })),
    taints: (spec?.taints ?? []).map(({ key, value = '', effect, timeAdded }) => ({
      key,
      value,
      effect: effect as Taint['effect'],
      ...given({ added: timeAdded })
    })),
    podCidrs: spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]),
    labels: metadata?.labels ?? {},
    kubelet: status?.nodeInfo?.kubeletVersion ?? ''
  })
}

/** The Lease of the Node, and the Pods of DaemonSets that are bound to it. */
export const podSight = async (api: Connection, name: string): Promise<PodSight> => {
  const [lease, pods] = await Promise.all([leaseOf(api, name), daemonPods(api, name)])
  return { ...lease, pods }
}

const leaseOf = async (api: Connection, name: string): Promise<Pick<PodSight, 'renewed' | 'leaseSeconds'>> => {
  try {
    const { metadata, spec } = await api.coordination.readNamespacedLease({ name, namespace: leaseNamespace })
    // the server itself makes a labelled one
    if (metadata?.labels?.[bannedLabel] !== undefined || spec?.renewTime === undefined) return {}
    return { renewed: new Date(spec.renewTime), ...given({ leaseSeconds: spec.leaseDurationSeconds }) }
  } catch (error) {
    if (statusOf(error) === 404) return {}
    throw error
  }
}

const daemonPods = async (api: Connection, name: string): Promise<DaemonPod[]> => {
  // a Node runs 110 Pods unless somebody allows more: the first page has them
  const { items } = await api.core.listPodForAllNamespaces({
    fieldSelector: `spec.nodeName=${name}`,
    limit: podsAtMost
  })
  return items.flatMap((pod) => toDaemonPod(pod) ?? [])
}

const toDaemonPod = ({ metadata, status }: V1Pod): DaemonPod | undefined => {
  const owner = metadata?.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'DaemonSet')
  if (owner === undefined) return undefined
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    owner: owner.uid,
    created: metadata?.creationTimestamp ?? new Date(0),
    phase: status?.phase ?? 'Unknown',
    reason: shortText(status?.reason ?? ''),
    message: shortText(status?.message ?? ''),
    isLeaving: metadata?.deletionTimestamp !== undefined,
    isReady: status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    containers: containers.slice(0, containersAtMost).map(toContainer)
  }
}

/** Containers of one Pod that are read. */
const containersAtMost = 20

const toContainer = ({ name, image, ready, restartCount, state, lastState }: V1ContainerStatus): ContainerSight => ({
  name,
  image: shortText(image),
  ready,
  restarts: restartCount,
  ...given({ waiting: waitingOf(state), ended: endOf(state?.terminated ?? lastState?.terminated) })
})

const waitingOf = (state: V1ContainerState | undefined): ContainerSight['waiting'] =>
  state?.waiting && { reason: shortText(state.waiting.reason ?? ''), message: shortText(state.waiting.message ?? '') }

const endOf = (end: V1ContainerStateTerminated | undefined): ContainerSight['ended'] =>
  end && {
    exitCode: end.exitCode,
    reason: shortText(end.reason ?? ''),
    message: shortText(end.message ?? ''),
    ...given({ at: end.finishedAt })
  }

/** DaemonSets of the cluster, at most `daemonSetsAtMost` of them. */
export const daemonSets = async (api: Connection): Promise<DaemonSetSight[]> =>
  (await inPages((page) => api.apps.listDaemonSetForAllNamespaces(page), toDaemonSet)).slice(0, daemonSetsAtMost)

const toDaemonSet = ({ metadata, spec }: V1DaemonSet): DaemonSetSight => {
  const pod = spec?.template.spec
  const terms = pod?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    needs: {
      nodeSelector: pod?.nodeSelector ?? {},
      tolerations: (pod?.tolerations ?? []).map(({ key = '', operator = 'Equal', value = '', effect = '' }) => ({
        key,
        operator,
        value,
        effect
      })),
      hostNetwork: pod?.hostNetwork === true,
      ...given({
        terms: terms?.map(({ matchExpressions = [], matchFields = [] }) => ({
          expressions: matchExpressions.map(toRequirement),
          fields: matchFields.map(toRequirement)
        })),
        nodeName: pod?.nodeName
      })
    },
    hostPaths: (pod?.volumes ?? []).flatMap(({ hostPath }) => (hostPath === undefined ? [] : shortText(hostPath.path))),
    images: [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]
      .flatMap(({ image = '', imagePullPolicy }) => (imagePullPolicy === 'Never' ? [] : shortText(image)))
      .slice(0, imagesOfOne),
    needsSecret: (pod?.imagePullSecrets ?? []).length > 0
  }
}

const toRequirement = ({ key, operator, values = [] }: V1NodeSelectorRequirement): Requirement => ({
  key,
  operator,
  values
})
