import type { AnswerCounts, NodeConfiguration } from '@joinery/kube'
import type { Policy } from '@joinery/kube/names'
import type { BoundPod, ClusterFacts, CredentialKind, Labels, Taints } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { ImageSight } from './images/image-sight.ts'
import type { DaemonSetSight, NodeSight, PodSight } from './node-sight.ts'

/**
 * The calls that the server makes to a Kubernetes cluster: few, level-triggered, idempotent.
 * test/contract/cluster-contract.ts holds over the fake and over the real API server. Every method throws ProblemError `cluster-unavailable`, with the reason, if the API is down or refuses.
 */
export interface Cluster {
  /** Version of the API server, as `v1.37.2`. */
  version(): Promise<string>

  /**
   * The time by the API server's clock: its last answer said it, and the monotonic clock carried it on. It is right to a second
   * or so. Undefined before the first answer.
   */
  now(): Date | undefined

  /** Counts of the API server's answers to the calls of this port, since the start. Asks nothing. */
  answers(): AnswerCounts

  /**
   * Address and CA by which a machine finds and trusts the API server: as root configured it, or as `setup` fixed it. Before there is
   * such an address, the one that the cluster publishes.
   */
  endpoint(): Promise<ClusterEndpoint>

  /**
   * URL of the API server that the cluster publishes now: `controlPlaneEndpoint` of kubeadm-config, else cluster-info. Whoever may write
   * these objects may write any. Undefined if they name none.
   */
  publishedEndpoint(): Promise<string | undefined>

  /**
   * Names and IP addresses, without ports, at which the API server is: those that the cluster publishes, those that machines
   * are given, and those of each control plane. Sorted, each once.
   */
  apiHosts(): Promise<string[]>

  /** The network that a new machine must fit into. A part that the cluster does not say is empty. */
  network(): Promise<ClusterNetwork>

  /**
   * Configuration of each machine's kubelet and kube-proxy from kubeadm's ConfigMaps. A value that they do not say is absent.
   * So is all of a ConfigMap that is not there, that is broken, or that the server may not read: an earlier version was set up
   * without that right.
   */
  nodeConfiguration(): Promise<NodeConfiguration>

  /** Images by kubeadm's ConfigMaps and by what Ready Nodes report, within bounds. It takes no right of its own. */
  imageSight(): Promise<ImageSight>

  /** True if anybody may read `cluster-info` without a credential: `kubeadm join --token` finds the cluster by it. */
  publishesClusterInfo(): Promise<boolean>

  /** The Node that has the name, or the Pod that is bound to it, in words. Undefined if the name is free. */
  nameHolder(name: string): Promise<string | undefined>

  /**
   * The Pods of this Node as gates ask for them, at most `budgets.gates.pods`. The Pods that a kubelet makes for its static Pods are
   * not among them.
   */
  nodePods(name: string): Promise<NodePod[]>

  /** Every Pod that is bound to the name, whether there is such a Node or not. */
  boundPods(name: string): Promise<BoundPod[]>

  /**
   * Names the binding by which the stock controller would approve a CSR by a bootstrap token of this group. Undefined if it
   * would not. Asks by a SubjectAccessReview with all groups of such a token, system:bootstrappers among them.
   */
  autoApproval(group: string): Promise<string | undefined>

  /**
   * Gaps in this admission policy, a line each. Empty if it holds as it should. A policy that holds the server is tried by dry
   * run, with the server's own credential: what the cluster must refuse, and what it must not. A policy that holds others, or
   * that there is nothing to try on, is read and compared with what this version makes. Nothing is made or changed. `now`: by
   * the cluster's clock, for the expiry of the Secrets that are asked for.
   */
  policyGaps(policy: Policy, rights: ServerRights, now: Date): Promise<string[]>

  /** Makes the token's Secret. If the Secret exists already, that is success: its id was committed before. */
  createToken(token: BootstrapToken): Promise<void>

  /** Deletes the token's Secret. If the Secret is gone already, that is success. */
  deleteToken(id: string): Promise<void>

  /** Every CSR for `kubeletSigner`. */
  kubeletCsrs(): Promise<Csr[]>

  /** Every CSR for `servingSigner`. */
  servingCsrs(): Promise<Csr[]>

  /**
   * Approves this very CSR (name and uid), for either of the two signers. If it is approved already, that is success. Throws
   * `not-found` if it is gone, and `illegal-event` if somebody denied it.
   */
  approveCsr(csr: Pick<Csr, 'name' | 'uid'>): Promise<void>

  /**
   * Denies this very CSR (name and uid), which a bootstrap token of ours made: nobody can approve it any more. The kubelet finds
   * the fault in it, if the request has one of its own. If the CSR is denied already, or gone, that is success. Throws
   * `illegal-event` if it is approved. The cluster refuses the call for all other CSRs.
   */
  denyCsr(csr: Pick<Csr, 'name' | 'uid'>, fault?: string): Promise<void>

  /**
   * Makes a CSR of the server's own for `kubeletSigner`, for a certificate of `ownCsrSeconds`. If a CSR of that name exists
   * already, it is given as it is, whoever made it: its name was committed before.
   */
  createOwnCsr(csr: Pick<Csr, 'name' | 'request'>): Promise<Csr>

  /** The CSR of that name. Undefined if there is none. */
  ownCsr(name: string): Promise<Csr | undefined>

  /** Deletes a CSR of the server's own. If the CSR is gone already, that is success. A CSR that somebody else made stays. */
  deleteOwnCsr(name: string): Promise<void>

  /** Every Node. Each text that a kubelet chooses (identity, reason, message) is cut at 1 KB. */
  nodes(): Promise<ClusterNode[]>

  /** The Node of that name, as it says itself why it is not Ready. Undefined if there is none. */
  nodeSight(name: string): Promise<NodeSight | undefined>

  /**
   * The Lease of the Node, and the Pods of DaemonSets that are bound to it. The server has the right only with `diagnosis: on`.
   */
  podSight(name: string): Promise<PodSight>

  /** DaemonSets of the cluster. The server has the right only with `diagnosis: on`. */
  daemonSets(): Promise<DaemonSetSight[]>

  /**
   * Sets these labels on this very Node (name and uid), adds these taints, and takes `joiningLabel` away, in one call. Nothing
   * else of the Node changes. What the Node has already is success. Throws `not-found` if the Node is gone, or is another one
   * by now. The cluster refuses, as `cluster-unavailable`, what is not `withinBounds`.
   */
  setLabelsAndTaints(node: Pick<ClusterNode, 'name' | 'uid'>, wanted: LabelsAndTaints): Promise<void>

  /**
   * Takes the startup taint away from this very Node (name and uid), and nothing else. If the Node has none, that is success. Throws
   * `not-found` if the Node is gone, or is another one by now.
   */
  removeStartupTaint(node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void>

  /**
   * Deletes this very Node (name and uid). If it is gone already, that is success. If another Node has its name by now, that is
   * success too, and that Node stays. The cluster refuses the call, as `cluster-unavailable`, for a name that is not banned and
   * for a control plane.
   */
  deleteNode(node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void>

  /**
   * Puts the name on the list that the admission policies `joinery-ban` and `joinery-node-deletions` read. Then, if the Node of
   * the name has a Lease, replaces it by one with the label that `joinery-ban-leases` looks for. The first 128 characters of
   * `reason` are kept.
   */
  ban(name: string, reason: string): Promise<void>

  /** The ban list: name to reason. */
  bans(): Promise<ReadonlyMap<string, string>>

  /**
   * Deletes the labelled Lease of a name that is on the list, so that the kubelet makes another one, and then takes the name off the
   * list. If the name is not on the list, that is success, and nothing is written.
   */
  unban(name: string): Promise<void>

  /** Reads `joinery.dev/generation` from the ban list, whoever wrote it. */
  generation(): Promise<NotedGeneration>

  /**
   * Writes the text as `joinery.dev/generation`, if the ban list is still at the version that was read. Otherwise throws
   * `cluster-unavailable`. So no late call takes the number back, and no server overwrites the number of another.
   */
  noteGeneration(text: string, version: string): Promise<void>

  /**
   * Labels the Leases of banned Nodes that have no label yet, and deletes the labelled Leases of names that are not banned. One
   * call does at most `leasesAtMost` of each. `nodes`: as `nodes()` gave them. `turn`: one more each time, see
   * `leasesToSettle`, which also takes the labelled Lease of a Node that is Ready all the same. Returns how many are left for the
   * next time.
   */
  settleBannedLeases(nodes: readonly BannedNode[], turn: number): Promise<number>

  /**
   * Calls `changed` when a CSR or Node changed, until `signal` aborts. For a Node that was made or changed, `changed` gets the
   * Node as `nodes` gives it now. For all else it gets nothing. A watch only makes things sooner: it may miss any change.
   */
  watch(changed: (node?: ClusterNode) => void, signal: AbortSignal): void
}
export const Cluster = Symbol('Cluster') as InjectionToken<Cluster>

/** Lifetime of the server's own token for the cluster, by the cluster's clock. */
export interface CredentialLifetime {
  issued: Date
  expires: Date
}

/** Rights that the server's settings call for, and that it was set up with. */
export interface ServerRights {
  /** Credential kind of the server. With certificates the cluster must refuse it every Secret. */
  credential: CredentialKind
  /** True if the server approves serving certificates. */
  serving: boolean
  /** True if the server reads what says why a Node is not Ready: `diagnosis: on`. If absent, it does not. */
  diagnosis?: boolean
}

export interface NotedGeneration {
  /** The first 64 characters of the text, at most. Undefined if there is no such text, or no ban list. */
  text?: string
  /** Version of the ban list as it was read. */
  version: string
}

/** Characters that are kept of the text: more than any that a server writes has. */
export const notedAtMost = 64

export interface ClusterEndpoint {
  /** URL, as `https://10.0.0.1:6443`. */
  server: string
  /** PEM. */
  certificateAuthority: string
}

export interface ClusterNetwork {
  /** CIDRs, as `networking` of kubeadm-config says them. */
  podSubnets: string[]
  serviceSubnets: string[]
  /** host:port of each API server, sorted, as the API servers register themselves behind Service default/kubernetes. */
  controlPlanes: string[]
  /** host or host:port of kubeadm-config. Without it kubeadm lets no other control plane join. */
  controlPlaneEndpoint?: string
  /** etcd as kubeadm-config describes it. Absent in a cluster that kubeadm did not make. */
  etcd?: Etcd
  /** Registry of kubeadm-config that control planes pull their images from. */
  imageRepository?: string
}

/** The place of etcd: a member on each control plane, or hosts elsewhere. */
export type Etcd = NonNullable<ClusterFacts['etcd']>

/**
 * A bootstrap token for authentication. `signing`: it also vouches for `cluster-info`, which only a token of `signingGroups`
 * may.
 */
export interface BootstrapToken {
  /** `[a-z0-9]{6}` */
  id: string
  /** `[a-z0-9]{16}` */
  secret: string
  /** The one extra group, as `system:bootstrappers:joinery:node`. */
  group: string
  expires: Date
  description: string
  signing?: boolean
}

export interface Csr {
  name: string
  uid: string
  created: Date
  username: string
  groups: string[]
  usages: string[]
  signer: string
  /**
   * Id of the credential by which the request came, as the API server names it: `X509SHA256=` and the SHA-256 of the
   * certificate's DER in hex. Absent if it came by a token.
   */
  credentialId?: string
  /** PEM of the PKCS#10 request. */
  request: string
  approved: boolean
  denied: boolean
  /** PEM, once issued. */
  certificate?: string
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

/** A Node, as far as a ban asks. */
export type BannedNode = Pick<ClusterNode, 'name' | 'uid'> & Partial<Pick<ClusterNode, 'ready'>>

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
