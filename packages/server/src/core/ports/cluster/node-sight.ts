import type { Taint } from '@joinery/protocol'

/** The parts of one Node that say why it is not Ready. Each text that others choose is cut at 512 bytes. */
export interface NodeSight {
  uid: string
  created: Date
  conditions: NodeCondition[]
  taints: (Taint & { added?: Date })[]
  /** Networks of its Pods. Empty until somebody has assigned one. */
  podCidrs: string[]
  /** Labels by which DaemonSets choose their Nodes. */
  labels: Record<string, string>
  /** Version of its kubelet, as `v1.37.2`. Empty until the kubelet has reported. */
  kubelet: string
}

export interface NodeCondition {
  type: string
  status: string
  reason: string
  message: string
  /** Time of the last change of its status. */
  since?: Date
  /** Time at which somebody wrote it last. */
  written?: Date
}

/** The Lease and the Pods by which one sees how a Node is. To read them takes rights of its own. */
export interface PodSight {
  /** When the kubelet renewed the Lease of its Node last. Undefined if there is no Lease, or a labelled one. */
  renewed?: Date
  /** Seconds for which a renewal of that Lease holds. */
  leaseSeconds?: number
  /** Pods of DaemonSets that are bound to the Node. */
  pods: DaemonPod[]
}

/** A Pod of a DaemonSet. */
export interface DaemonPod {
  namespace: string
  name: string
  /** Uid of its DaemonSet. */
  owner: string
  created: Date
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  phase: string
  /** Reason and message of the Pod itself, such as an eviction. */
  reason: string
  message: string
  /** True if somebody has deleted the Pod, and it is on its way out. */
  isLeaving: boolean
  isReady: boolean
  /** Containers, those that initialize the Pod first. */
  containers: ContainerSight[]
}

export interface ContainerSight {
  name: string
  image: string
  ready: boolean
  restarts: number
  waiting?: { reason: string; message: string }
  /** The end of a container that does not run now, or else of the one before. */
  ended?: { exitCode: number; reason: string; message: string; at?: Date }
}

/** A DaemonSet, as far as it says on which Nodes its Pods run, and whether it is a network plugin. */
export interface DaemonSetSight {
  namespace: string
  name: string
  uid: string
  needs: PlacementNeeds
  /** Paths of the host that its Pods mount. */
  hostPaths: string[]
  /** Images in the order in which its containers start, without those that no kubelet pulls (`imagePullPolicy: Never`). */
  images: string[]
  /** True if its Pods name a Secret with the credential of a registry. Secrets of their ServiceAccount are not looked at. */
  needsSecret: boolean
}

/** Images of one DaemonSet that are read. */
export const imagesOfOne = 20

/** The rules by which a DaemonSet chooses the Nodes for its Pods. */
export interface PlacementNeeds {
  nodeSelector: Record<string, string>
  /** Terms of `requiredDuringSchedulingIgnoredDuringExecution`, of which one must fit. Undefined if there are none at all. */
  terms?: NodeSelectorTerm[]
  tolerations: Toleration[]
  hostNetwork: boolean
  /** Name of the Node that its template names, if it names one. */
  nodeName?: string
}

export interface NodeSelectorTerm {
  expressions: Requirement[]
  fields: Requirement[]
}

export interface Requirement {
  key: string
  operator: string
  values: string[]
}

export interface Toleration {
  key: string
  operator: string
  value: string
  effect: string
}

/** Pods of one Node, and DaemonSets of a cluster, that one look reads. The rest is left. */
export const podsAtMost = 200
export const daemonSetsAtMost = 500
