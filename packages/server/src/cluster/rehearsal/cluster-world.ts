import type { Policy } from '@joinery/kube/names'
import type { Labels, Taints } from '@joinery/protocol'
import type { Csr, LabelsAndTaints } from '../cluster.ts'
import type { BindingName } from './refusals/authorizer.ts'

/**
 * What others do to a cluster, and what its administrator sees: the outside of the port `Cluster`. The rehearsal
 * implements it itself, for tests and demo; test/contract/real-cluster-world.ts does it on a real API server.
 * Calls that the API server refuses reject with `Refusal`.
 */
export interface ClusterWorld {
  /** The user name that the API server knows the holder of a certificate by; status 401 where it knows none. */
  userOf(holder: CertificateHolder): Promise<string>

  /**
   * Asks for a certificate as the holder of a bootstrap token or of a node's certificate, as a kubelet does; gives the CSR's
   * name. Status 401 for a token that is absent, wrong or expired, or a certificate that the cluster does not know; 403 for a
   * node that asks for another name; 422 by admission for another signer by a token, a request that is none, or a node that
   * is banned.
   */
  submitCsr(submission: CsrSubmission): Promise<string>

  /** The CSR as it is now; undefined where there is none. */
  csr(name: string): Promise<AdminCsr | undefined>

  denyCsrAsAdmin(name: string): Promise<void>

  /** Writes an annotation to the CSR: nothing that anybody judges changes, and who has read it before has an older version. */
  annotateCsr(name: string): Promise<void>

  deleteCsr(name: string): Promise<void>

  /**
   * Registers the Node, or updates it where it exists, as a kubelet does. Status 401 for a certificate that the cluster
   * did not issue, 403 for another name than the certificate's, 422 by admission for a banned name.
   */
  registerNode(registration: NodeRegistration): Promise<void>

  /** Renews the Lease of the holder's Node, or makes it, as a kubelet does. Status 422 by admission for a banned Node. */
  renewLease(holder: CertificateHolder): Promise<void>

  /** Sets the condition Ready. */
  setNodeReady(name: string, ready: 'True' | 'False' | 'Unknown', reason: string, message: string): Promise<void>

  /** Writes the times of the Node's conditions, as a kubelet does each few minutes: nothing else of it changes. */
  heartbeat(name: string): Promise<void>

  /** The Node's own, and those that the control plane has put there. Undefined where there is none. */
  labelsAndTaints(name: string): Promise<LabelsAndTaints | undefined>

  /** As an administrator: the Node has these labels and taints from now on, and no others but the control plane's. */
  relabelNode(name: string, instead: LabelsAndTaints): Promise<void>

  /** As an administrator, or as a cloud's controller of Nodes; its Lease goes too. */
  deleteNodeAsAdmin(name: string): Promise<void>

  /** Deletes the Lease of that Node, as an administrator does, or the control plane that collects it. */
  deleteLeaseAsAdmin(name: string): Promise<void>

  /** Writes the name into the ban list by hand, and labels no Lease. */
  banAsAdmin(name: string): Promise<void>

  /** Writes this as the generation of the ban list by hand; undefined: takes it away. */
  writeGenerationAsAdmin(text: string | undefined): Promise<void>

  /** Writes names into the ban list by hand until it has room for so many bytes of reasons. Gives the undo. */
  fillBanList(left: number): Promise<() => Promise<void>>

  /** Makes a Pod in namespace `default` that is bound to the node, whether there is such a Node or not. */
  bindPod(pod: string, node: string): Promise<void>

  /** Deletes that Pod at once. */
  deletePod(pod: string): Promise<void>

  /** Ids of the live bootstrap tokens in a group of Joinery's. */
  tokens(): Promise<string[]>

  /** Data of the token's Secret, decoded; undefined where there is none. */
  tokenData(id: string): Promise<Record<string, string> | undefined>

  /**
   * Data of the ConfigMap `cluster-info`, asked for without a credential: `kubeconfig`, and `jws-kubeconfig-<id>` for each
   * token that vouches for it. Status 401 or 403 where it is private.
   */
  clusterInfo(): Promise<Record<string, string>>

  /** Takes from anonymous users the right to read `cluster-info`. Gives the undo. */
  hideClusterInfo(): Promise<() => Promise<void>>

  /** Writes this configuration into the ConfigMap, as an administrator. Gives the undo. */
  configureNodes(map: NodeConfigMap, yaml: string): Promise<() => Promise<void>>

  /**
   * Binds system:bootstrappers to the ClusterRole `nodeclient`, as the Kubernetes page on TLS bootstrapping shows: from
   * then on the stock controller approves a kubelet CSR by any bootstrap token for any name. Gives the undo.
   */
  bindBootstrappersToNodeclient(): Promise<() => Promise<void>>

  /** Takes the policy out of force: deletes its binding. Gives the undo. */
  unbindPolicy(policy: Policy): Promise<() => Promise<void>>

  /** Takes from the server the rights that this binding gives it: deletes it. Gives the undo. */
  unbindRole(binding: BindingName): Promise<() => Promise<void>>

  /** From now on the port's calls find nobody at the API server's address, until `comeBack`. The world still does. */
  goDown(): Promise<void>
  comeBack(): Promise<void>
}

/** The ConfigMaps of kube-system with what kubeadm gives each machine. */
export type NodeConfigMap = 'kubelet-config' | 'kube-proxy'

/** PEM of a client certificate and of its key. */
export interface CertificateHolder {
  certificate: string
  key: string
}

export type CsrSubmission = CsrDetails & ({ token: { id: string; secret: string } } | { holder: CertificateHolder })

interface CsrDetails {
  /** PEM of the PKCS#10 request. */
  request: string
  /** Default: what a kubelet asks for. */
  usages?: string[]
  /** Default: the signer of kubelets' client certificates. */
  signer?: string
}

export interface NodeRegistration extends CertificateHolder {
  name: string
  machineId: string
  systemUuid: string
  /** That it has as InternalIP; default: none. */
  addresses?: string[]
  /** That the kubelet registers its Node with; default: none. Those of a Node that exists stay. */
  labels?: Labels
  taints?: Taints
}

export interface AdminCsr extends Csr {
  /** The signer found the approved request malformed, and will never issue it. */
  failed: boolean
}

/** The clusterrolebinding of `bindBootstrappersToNodeclient`. */
export const nodeclientBinding = 'auto-approve-csrs-for-group'

/** What the kubelet of kubeadm 1.27 and later asks for: its key is P-256. */
export const kubeletUsages = ['digital signature', 'client auth']

/** What it asks for to serve TLS. */
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
