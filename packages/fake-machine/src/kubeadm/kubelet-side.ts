import type { ApiAnswer, BootstrapCredential, Node, WayToApi } from '@joinery/agent/testing/debian'
import type { Labels, Taints } from '@joinery/protocol'

/**
 * The Kubernetes API as kubeadm and the kubelet of a rehearsal machine use it. The owner of a cluster, a rehearsed
 * one, gives this. A refusal of the API server or the network rejects with an Error in client-go's words, as
 * `Unauthorized`.
 */
export interface KubeletSide {
  /** URL of the API server. */
  readonly server: string

  /** Reads what `kubeadm join` reads first, with the credential of its discovery file. */
  discover(user: BootstrapUser): Promise<void>

  /** Asks for the kubelet's client certificate with that credential, for a new key. */
  requestCertificate(user: BootstrapUser, nodeName: string): Promise<CertificateRequest>

  /** PEM of the certificate that was asked for. Undefined until it is issued. */
  certificate(request: string): Promise<string | undefined>

  /** Registers the Node, or updates it if it exists. */
  registerNode(registration: Registration): Promise<void>

  /**
   * Gives the Node the label of control planes, and these taints, as kubeadm does with the keys of the cluster. Without `taints`: the
   * taint of control planes.
   */
  markControlPlane(name: string, taints?: Taints): Promise<void>

  /** Time of day of the API server, in milliseconds since 1970. */
  now(): number

  /**
   * The API server's answer to a GET of that Node, at this URL, to a client that trusts this CA: 401 to a certificate
   * that is over or of another CA, 403 to anybody without one, 404 if there is no such Node.
   */
  answer(way: WayToApi, nodeName: string, as?: BootstrapCredential): Promise<ApiAnswer>

  /** The machine's Node. Undefined if there is none. */
  node(name: string): Promise<Node | undefined>
}

/** A bootstrap token, or PEM of a client certificate and of its key. */
export type BootstrapUser = { token: string } | { certificate: string; key: string }

export interface CertificateRequest {
  /** Name of the request at the API server. */
  name: string
  /** PEM. */
  key: string
}

export interface Registration {
  name: string
  /** PEM of the client certificate and of its key. */
  certificate: string
  key: string
  machineId: string
  systemUuid: string
  labels: Labels
  taints: Taints
}
