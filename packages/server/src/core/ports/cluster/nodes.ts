import type { BoundPod, Labels, Taints } from '@joinery/protocol'
import type { DaemonSetSight, NodeSight, PodSight } from './node-sight.ts'

/** The Nodes, and what has the name of one. */
export interface Nodes {
  /** Every Node. Each text that a kubelet chooses (identity, reason, message) is cut at 1 KB. */
  nodes(): Promise<ClusterNode[]>

  /** The Node of that name, as it says itself why it is not Ready. Undefined if there is none. */
  nodeSight(name: string): Promise<NodeSight | undefined>

  /**
   * The Pods of this Node as gates ask for them, at most `budgets.gates.pods`. The Pods that a kubelet makes for its static Pods are
   * not among them.
   */
  nodePods(name: string): Promise<NodePod[]>

  /** Every Pod that is bound to the name, whether there is such a Node or not. */
  boundPods(name: string): Promise<BoundPod[]>

  /** The Node that has the name, or the Pod that is bound to it, in words. Undefined if the name is free. */
  nameHolder(name: string): Promise<string | undefined>

  /**
   * The Lease of the Node, and the Pods of DaemonSets that are bound to it. The server has the right only with `diagnosis: on`.
   */
  podSight(name: string): Promise<PodSight>

  /** DaemonSets of the cluster. The server has the right only with `diagnosis: on`. */
  daemonSets(): Promise<DaemonSetSight[]>
}

/** A Node of the cluster, with all labels and taints that it has, whoever set them. */
export interface ClusterNode extends LabelsAndTaints {
  name: string
  uid: string
  created: Date
  /** Read from `status.nodeInfo`. Empty until the kubelet has reported. */
  machineId: string
  systemUuid: string
  /** IP addresses of `status.addresses`, InternalIP and ExternalIP: as the kubelet itself says. */
  addresses: string[]
  /** Status of the condition Ready. Unknown if the Node has none. */
  ready: 'True' | 'False' | 'Unknown'
  /** Time since which the condition Ready has its status, as the cluster says. Undefined if it says none. */
  since?: Date
  /** Reason and message of the condition Ready. */
  reason: string
  message: string
  /** Types of its other conditions that are True, sorted: at most `conditionsAtMost`. */
  conditions: string[]
  /** Networks of its Pods. Absent until somebody has assigned one. */
  podCidrs?: string[]
}

/** Most conditions that are kept of a Node. A kubelet may write as many as it likes. */
export const conditionsAtMost = 32

/** A Pod of a Node, as far as a gate asks. Its labels and all that it says of itself are bounded by the API server. */
export interface NodePod {
  namespace: string
  name: string
  created: Date
  labels: Labels
  /** Name of the DaemonSet that made it. Absent if something else did. */
  daemonSet?: string
  /** Phase as the kubelet says it, such as `Succeeded`. */
  phase: string
  /** True if the Pod is Ready, and not being deleted. */
  ready: boolean
}

export interface LabelsAndTaints {
  labels: Labels
  taints: Taints
}
