import type { Policy } from '@joinery/kube/names'
import type { Labels, Taints } from '@joinery/protocol'
import type {
  ContainerSight,
  Csr,
  LabelsAndTaints,
  NodeCondition,
  NodeImage,
  Toleration
} from '@joinery/server/testing/cluster'

/**
 * The outside of the port `UnguardedCluster`: what others do to a cluster, and what its administrator sees. Calls that the API server refuses reject
 * with `Refusal`.
 */
export interface ClusterWorld {
  /** User name that the API server gives the holder of a certificate. Status 401 if it knows none. */
  userOf(holder: CertificateHolder): Promise<string>

  /**
   * Asks for a certificate as a kubelet does, as the holder of a bootstrap token or of a node's certificate. Returns
   * the CSR's name. Status 401 for a token that is absent, wrong or expired, or a certificate that the cluster does not
   * know; 403 for a node that asks for another name; 422 by admission for a token that asks another signer, for text
   * that is no request, or for a banned node.
   */
  submitCsr(submission: CsrSubmission): Promise<string>

  /** The CSR as it is now. Undefined if there is none. */
  csr(name: string): Promise<AdminCsr | undefined>

  denyCsrAsAdmin(name: string): Promise<void>

  /**
   * Writes an annotation to the CSR. Nothing that anybody judges changes, but anybody who has read the CSR before has
   * an older version.
   */
  annotateCsr(name: string): Promise<void>

  deleteCsr(name: string): Promise<void>

  /**
   * Registers the Node as a kubelet does, or updates it if it exists. Status 401 for a certificate that the cluster did
   * not issue, 403 for another name than the certificate's, 422 by admission for a banned name.
   */
  registerNode(registration: NodeRegistration): Promise<void>

  /**
   * Renews the Lease of the holder's Node as a kubelet does, or makes it. Status 422 by admission for a banned Node whose Lease is
   * labelled or absent.
   */
  renewLease(holder: CertificateHolder): Promise<void>

  /** Sets the condition Ready. */
  setNodeReady(name: string, ready: 'True' | 'False' | 'Unknown', reason: string, message: string): Promise<void>

  /** Writes these images into the status of the Node, as a kubelet does of those that its runtime has. */
  reportImages(name: string, images: readonly NodeImage[]): Promise<void>

  /**
   * Writes these conditions and the version of the kubelet, as a kubelet does with its times. Other conditions of the Node stay.
   */
  reportNode(name: string, report: { conditions: readonly StatedCondition[]; kubelet?: string }): Promise<void>

  /**
   * Assigns these networks to the Pods of the Node, unless the control plane has assigned others already. Returns those that it has.
   */
  assignPodCidrs(name: string, podCidrs: readonly string[]): Promise<string[]>

  /** Makes a DaemonSet in namespace `default`. */
  makeDaemonSet(name: string, daemonSet?: DaemonSetMade): Promise<void>

  /** Deletes that DaemonSet with its Pods, at once. */
  deleteDaemonSet(name: string): Promise<void>

  /** Binds the Pod of that DaemonSet to the Node, and writes its status as a kubelet does. The Node fits the DaemonSet. */
  runDaemonPod(daemonSet: string, node: string, status: DaemonPodStatus): Promise<void>

  /**
   * Writes the times of the Node's conditions, as a kubelet does every few minutes. Nothing else of the Node changes.
   */
  heartbeat(name: string): Promise<void>

  /**
   * Labels and taints of the Node: its own, and those that the control plane has put there. Undefined if there is no
   * such Node.
   */
  labelsAndTaints(name: string): Promise<LabelsAndTaints | undefined>

  /**
   * Gives the Node these labels and taints as an administrator. From now on it has no others, except those of the
   * control plane.
   */
  relabelNode(name: string, instead: LabelsAndTaints): Promise<void>

  /** Deletes the Node as an administrator does, or a cloud's controller of Nodes. The Node's Lease goes too. */
  deleteNodeAsAdmin(name: string): Promise<void>

  /** Deletes the Lease of that Node, as an administrator does, or the control plane that collects it. */
  deleteLeaseAsAdmin(name: string): Promise<void>

  /** Writes the name into the ban list by hand, and labels no Lease. */
  banAsAdmin(name: string): Promise<void>

  /** Writes this text as the generation of the ban list by hand. Undefined removes the generation. */
  writeGenerationAsAdmin(text: string | undefined): Promise<void>

  /**
   * Writes names into the ban list by hand until the list has room for only `left` bytes of reasons. Returns the undo.
   */
  fillBanList(left: number): Promise<() => Promise<void>>

  /** Sets a condition of the Node other than Ready, as a kubelet or an agent on the node does. */
  setCondition(name: string, type: string, isTrue: boolean): Promise<void>

  /**
   * Makes a Pod in namespace `default` that is bound to the node, whether or not there is such a Node. Its status is as a kubelet
   * writes it.
   */
  bindPod(pod: string, node: string, details?: PodDetails): Promise<void>

  /** Deletes that Pod at once. */
  deletePod(pod: string): Promise<void>

  /** Ids of the live bootstrap tokens in a group of Joinery. */
  tokens(): Promise<string[]>

  /** Data of the token's Secret, decoded. Undefined if there is none. */
  tokenData(id: string): Promise<Record<string, string> | undefined>

  /**
   * Data of the ConfigMap `cluster-info`, read without a credential: `kubeconfig`, and `jws-kubeconfig-<id>` for each
   * token that vouches for it. Status 401 or 403 if it is private.
   */
  clusterInfo(): Promise<Record<string, string>>

  /** Takes from anonymous users the right to read `cluster-info`. Returns the undo. */
  hideClusterInfo(): Promise<() => Promise<void>>

  /** Writes this configuration into the ConfigMap, as an administrator. Returns the undo. */
  configureNodes(map: NodeConfigMap, yaml: string): Promise<() => Promise<void>>

  /**
   * Binds system:bootstrappers to the ClusterRole `nodeclient`, as the Kubernetes page on TLS bootstrapping shows. From
   * then on the stock controller approves a kubelet CSR by any bootstrap token for any name. Returns the undo.
   */
  bindBootstrappersToNodeclient(): Promise<() => Promise<void>>

  /** Puts the policy out of force: deletes its binding. Returns the undo. */
  unbindPolicy(policy: Policy): Promise<() => Promise<void>>

  /** Takes from the server the rights that this binding gives it: deletes the binding. Returns the undo. */
  unbindRole(binding: BindingName): Promise<() => Promise<void>>

  /**
   * Makes the port's calls find nobody at the API server's address, until `comeBack`. Calls of the world still get
   * through.
   */
  goDown(): Promise<void>
  comeBack(): Promise<void>
}

/** A binding as an administrator names it. Without a namespace it is a ClusterRoleBinding. */
export interface BindingName {
  name: string
  namespace?: string
}

/** Labels of a Pod, and its status. If absent: none, `Pending`, and not Ready. */
export interface PodDetails {
  labels?: Labels
  phase?: string
  ready?: boolean
}

/** ConfigMaps of kube-system with the configuration that kubeadm gives each machine. */
export type NodeConfigMap = 'kubelet-config' | 'kube-proxy'

/** A condition as its author states it. The times come from the clock. */
export type StatedCondition = Pick<NodeCondition, 'type' | 'reason' | 'message'> & {
  status: 'True' | 'False' | 'Unknown'
}

/** Absent fields are empty. */
export interface DaemonSetMade {
  nodeSelector?: Record<string, string>
  tolerations?: readonly Toleration[]
  hostPaths?: readonly string[]
  /** Images of its containers. One image of the world's own if absent. */
  images?: readonly string[]
  /** Names of the Secrets that its Pods name for the registry. */
  pullSecrets?: readonly string[]
  hostNetwork?: boolean
}

export interface DaemonPodStatus {
  phase: 'Pending' | 'Running'
  ready: boolean
  containers: readonly Pick<ContainerSight, 'name' | 'image' | 'ready' | 'restarts' | 'waiting' | 'ended'>[]
}

/** PEM of a client certificate and of its key. */
export interface CertificateHolder {
  certificate: string
  key: string
}

export type CsrSubmission = CsrDetails & ({ token: { id: string; secret: string } } | { holder: CertificateHolder })

interface CsrDetails {
  /** PEM of the PKCS#10 request. */
  request: string
  /** Usages of the certificate. If absent, those that a kubelet asks for. */
  usages?: string[]
  /** Signer to ask. If absent, the signer of kubelets' client certificates. */
  signer?: string
}

export interface NodeRegistration extends CertificateHolder {
  name: string
  machineId: string
  systemUuid: string
  /** InternalIP addresses of the Node. If absent, none. */
  addresses?: string[]
  /** Labels that the kubelet registers its Node with. If absent, none. A Node that exists keeps its labels. */
  labels?: Labels
  taints?: Taints
}

export interface AdminCsr extends Csr {
  /** True if the signer found the approved request malformed. The signer then never issues a certificate. */
  failed: boolean
}

/** Name of the ClusterRoleBinding that `bindBootstrappersToNodeclient` makes. */
export const nodeclientBinding = 'auto-approve-csrs-for-group'

/** Usages that the kubelet of kubeadm 1.27 and later asks for: its key is P-256. */
export const kubeletUsages = ['digital signature', 'client auth']

/** Usages that a kubelet asks for to serve TLS. */
export const servingUsages = ['digital signature', 'server auth']

/** The API server's refusal, with its HTTP status. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
  }
}
