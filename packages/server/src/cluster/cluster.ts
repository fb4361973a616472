import type { NodeConfiguration } from '@joinery/kube'
import type { Policy } from '@joinery/kube/names'
import type { BoundPod, ClusterFacts, CredentialKind, Labels, Taints } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/**
 * What the server needs of a Kubernetes cluster: few, level-triggered, idempotent calls. Implementations: `kubernetes`
 * (the real one) and `rehearsal` (the verified fake); test/contract/cluster-contract.ts holds for both.
 * Every method throws ProblemError `cluster-unavailable`, with the reason, where the API is down or refuses.
 */
export interface Cluster {
  /** Version of the API server, as `v1.37.2`. */
  version(): Promise<string>

  /**
   * The time by the API server's clock, as its last answer said it and the monotonic clock carried it on: right to a second or
   * so. Undefined before the first answer.
   */
  now(): Date | undefined

  /** What a machine needs to trust and find the API server: `controlPlaneEndpoint` of kubeadm-config, else cluster-info. */
  endpoint(): Promise<ClusterEndpoint>

  /**
   * Names and IP addresses, without ports, at which the API server is: of what the cluster publishes, of what machines are
   * given, and of each control plane. Sorted, each once.
   */
  apiHosts(): Promise<string[]>

  /** Of the network that a new machine has to fit into. What the cluster does not say is empty. */
  network(): Promise<ClusterNetwork>

  /**
   * What kubeadm's ConfigMaps say of each machine's kubelet and kube-proxy. What they do not say is absent, and so is all of a
   * ConfigMap that is not there, that is broken, or that the server may not read: an earlier version was set up without that right.
   */
  nodeConfiguration(): Promise<NodeConfiguration>

  /** Anybody may read `cluster-info`, without a credential: what `kubeadm join --token` finds the cluster by. */
  publishesClusterInfo(): Promise<boolean>

  /** What already has the name, in words: a Node, or a Pod bound to it. Undefined where it is free. */
  nameHolder(name: string): Promise<string | undefined>

  /** Every Pod that is bound to the name, whether there is such a Node or not. */
  boundPods(name: string): Promise<BoundPod[]>

  /**
   * Why the stock controller would approve a CSR by a bootstrap token of this group, naming the binding; undefined
   * where it would not. A SubjectAccessReview with all groups of such a token, system:bootstrappers among them.
   */
  autoApproval(group: string): Promise<string | undefined>

  /**
   * Where this admission policy does not hold as it should, a line each; empty where it does. Those that hold the server are
   * asked for by dry run, with its own credential: what it must be refused, and what it must not. Those that hold others, and
   * those that there is nothing to try on, are read and compared with what this version makes. Nothing is made or changed.
   * `now`: by the cluster's clock, for the expiry of the Secrets that are asked for.
   */
  policyGaps(policy: Policy, rights: ServerRights, now: Date): Promise<string[]>

  /** Makes the token's Secret. One that exists already is success: its id was committed before. */
  createToken(token: BootstrapToken): Promise<void>

  /** Deletes the token's Secret. One that is gone already is success. */
  deleteToken(id: string): Promise<void>

  /** Every CSR for `kubeletSigner`. */
  kubeletCsrs(): Promise<Csr[]>

  /** Every CSR for `servingSigner`. */
  servingCsrs(): Promise<Csr[]>

  /**
   * Approves this very CSR (name and uid), for either of the two signers. One that is approved already is success; one that is gone is `not-found`, one
   * that somebody denied `illegal-event`.
   */
  approveCsr(csr: Pick<Csr, 'name' | 'uid'>): Promise<void>

  /**
   * Denies this very CSR (name and uid), which a bootstrap token of ours made: nobody can approve it any more. One that is
   * denied already, or gone, is success; one that is approved is `illegal-event`. The cluster refuses it for all others.
   */
  denyCsr(csr: Pick<Csr, 'name' | 'uid'>): Promise<void>

  /**
   * Makes a CSR of the server's own for `kubeletSigner`, for a certificate of `ownCsrSeconds`. One of that name that exists
   * already is given as it is, whoever made it: its name was committed before.
   */
  createOwnCsr(csr: Pick<Csr, 'name' | 'request'>): Promise<Csr>

  /** The CSR of that name; undefined where there is none. */
  ownCsr(name: string): Promise<Csr | undefined>

  /** Deletes a CSR of the server's own. One that is gone already is success; one that somebody else made stays. */
  deleteOwnCsr(name: string): Promise<void>

  /** Every Node. Of what a kubelet says in words (identity, reason, message) 1 KB each is given. */
  nodes(): Promise<ClusterNode[]>

  /**
   * Sets these labels on this very Node (name and uid), adds these taints, and takes `joiningLabel` away, in one. Nothing else
   * of the Node changes; what it has already is success. A Node that is gone, or another one by now, is `not-found`. The
   * cluster refuses, as `cluster-unavailable`, what is not `withinBounds`.
   */
  setLabelsAndTaints(node: Pick<ClusterNode, 'name' | 'uid'>, wanted: LabelsAndTaints): Promise<void>

  /**
   * Deletes this very Node (name and uid). One that is gone already is success, and so is another one of its name by now,
   * which stays. The cluster refuses it, as `cluster-unavailable`, for a name that is not banned and for a control plane.
   */
  deleteNode(node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void>

  /**
   * Puts the name into the list that the admission policies `joinery-ban` and `joinery-node-deletions` read, and then,
   * where its Node has a Lease, one with the label that `joinery-ban-leases` looks for in its place; of `reason` the first 128 characters are kept.
   */
  ban(name: string, reason: string): Promise<void>

  /** The list: name to reason. */
  bans(): Promise<Map<string, string>>

  /** Takes the name off the list, and deletes its labelled Lease: the kubelet makes another one. One that is not on it is success. */
  unban(name: string): Promise<void>

  /** What the ban list has as `joinery.dev/generation`, whoever wrote it. */
  generation(): Promise<NotedGeneration>

  /**
   * Writes the number there, if the ban list is still at the version that was read; else throws `cluster-unavailable`. So no late
   * call takes the number back, and no server that of another.
   */
  noteGeneration(number: number, version: string): Promise<void>

  /**
   * Labels the Leases of banned Nodes that have no label yet, and deletes the labelled ones whose name is not banned: of each at
   * most `leasesAtMost`. `nodes`: as `nodes()` gave them; `turn`: one more each time, see `leasesToSettle`. Gives how many are left
   * for the next time.
   */
  settleBannedLeases(nodes: readonly Pick<ClusterNode, 'name' | 'uid'>[], turn: number): Promise<number>

  /**
   * Calls `changed` when a CSR or Node changed, until `signal` aborts: of a Node that was made or changed with what it is now, as
   * `nodes` gives it, of all else with nothing. Only makes things sooner: it may miss any.
   */
  watch(changed: (node?: ClusterNode) => void, signal: AbortSignal): void
}
export const Cluster = Symbol('Cluster') as InjectionToken<Cluster>

/** From when to when the server's own token for the cluster is good, by the cluster's clock. */
export interface CredentialLifetime {
  issued: Date
  expires: Date
}

/** What the server is set to, and was set up for. */
export interface ServerRights {
  /** With certificates it must be refused every Secret. */
  credential: CredentialKind
  /** It approves serving certificates. */
  serving: boolean
}

export interface NotedGeneration {
  /** At most 64 characters of it; undefined where there is none, or no ban list. */
  text?: string
  /** Of the ban list as it was read. */
  version: string
}

/** Longer than any number that a server writes. */
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
  /** host or host:port of kubeadm-config; without one kubeadm lets no other control plane join. */
  controlPlaneEndpoint?: string
  /** As kubeadm-config says; absent in a cluster that kubeadm did not make. */
  etcd?: Etcd
  /** Of kubeadm-config: from where control planes pull their images. */
  imageRepository?: string
}

/** On the control planes, a member each; or elsewhere. */
export type Etcd = NonNullable<ClusterFacts['etcd']>

/** For authentication; `signing`: it also vouches for `cluster-info`, which a token of `signingGroups` alone may. */
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
  /** PEM of the PKCS#10 request. */
  request: string
  approved: boolean
  denied: boolean
  /** PEM, once issued. */
  certificate?: string
}

/** Labels and taints are all that it has, whoever set them. */
export interface ClusterNode extends LabelsAndTaints {
  name: string
  uid: string
  created: Date
  /** `status.nodeInfo`; empty until the kubelet has reported. */
  machineId: string
  systemUuid: string
  /** IP addresses of `status.addresses`, InternalIP and ExternalIP: as the kubelet itself says. */
  addresses: string[]
  /** Status of the condition Ready; Unknown where there is none. */
  ready: 'True' | 'False' | 'Unknown'
  /** Reason and message of the condition Ready. */
  reason: string
  message: string
}

export interface LabelsAndTaints {
  labels: Labels
  taints: Taints
}
