import { randomBytes } from 'node:crypto'
import { core, newObject } from '../kubeadm/new-object.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'

interface PodSpec {
  nodeName?: string
  nodeSelector?: Record<string, string>
  tolerations?: { key?: string; operator?: string; value?: string; effect?: string }[]
  hostNetwork?: boolean
}

type DaemonSet = KubeObject & { spec: { template: { metadata?: { labels?: Record<string, string> }; spec: PodSpec } } }
type Pod = KubeObject & { spec: PodSpec; status?: { conditions?: { type: string; status: string }[] } }
type Node = KubeObject & { spec?: { taints?: { key: string; value?: string; effect: string }[] } }

const daemonSets = { group: 'apps', plural: 'daemonsets' }

/** Makes one Pod of each DaemonSet for each Node that fits. They are bound at once: there is no scheduler. */
export const daemonSetController = (objects: Objects) => (): void => {
  for (const set of objects.list<DaemonSet>(daemonSets)) {
    const { name, namespace = '', uid, generation } = set.metadata
    const { metadata: meta = {}, spec } = set.spec.template
    const tolerations = [...(spec.tolerations ?? []), ...tolerationsOf(spec)]
    const fitting = objects.list<Node>(core('nodes')).filter((node) => fits(node, { ...spec, tolerations }))
    const byNode = new Map(
      objects
        .list<Pod>(core('pods'), namespace)
        .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
        .map((pod) => [pod.spec.nodeName, pod])
    )
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid, controller: true, blockOwnerDeletion: true }
    for (const { metadata } of fitting.filter((node) => !byNode.has(node.metadata.name))) {
      const called = { ...meta, name: `${name}-${suffix()}`, generateName: `${name}-`, namespace }
      const rest = { spec: { ...spec, tolerations, nodeName: metadata.name }, status: { phase: 'Pending' } }
      objects.create(core('pods'), newObject('v1', 'Pod', { ...called, ownerReferences: [owner] }, rest))
    }
    const numberReady = fitting.filter((node) => isReady(byNode.get(node.metadata.name))).length
    const counts = { currentNumberScheduled: fitting.length, desiredNumberScheduled: fitting.length, numberReady }
    objects.replace(daemonSets, {
      ...set,
      status: { ...counts, numberMisscheduled: 0, observedGeneration: generation }
    })
  }
}

const isReady = (pod: Pod | undefined): boolean =>
  pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

const tolerated = (effect: string, ...words: string[]) =>
  words.map((word) => ({ key: `node.kubernetes.io/${word}`, operator: 'Exists', effect }))

/** Tolerations that each Pod of a DaemonSet has (pkg/controller/daemon/util). */
const tolerationsOf = ({ hostNetwork }: PodSpec) => [
  ...tolerated('NoExecute', 'not-ready', 'unreachable'),
  ...tolerated('NoSchedule', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'),
  ...(hostNetwork ? tolerated('NoSchedule', 'network-unavailable') : [])
]

const fits = ({ metadata, spec }: Node, { nodeSelector = {}, tolerations = [] }: PodSpec): boolean =>
  Object.entries(nodeSelector).every(([key, value]) => metadata.labels?.[key] === value) &&
  (spec?.taints ?? []).every(
    (taint) =>
      taint.effect === 'PreferNoSchedule' ||
      tolerations.some(
        ({ key, operator, value = '', effect }) =>
          (!effect || effect === taint.effect) &&
          (!key || key === taint.key) &&
          (operator === 'Exists' || value === (taint.value ?? ''))
      )
  )

const suffix = (): string => randomBytes(3).toString('hex').slice(1)
