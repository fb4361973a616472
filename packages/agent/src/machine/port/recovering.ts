import type { KeyAlgorithm, KubeletCertificate } from '@joinery/protocol'

/**
 * The port for the way back: how the kubelet of a machine that has joined gets a new client certificate. It never
 * resets anything, never touches a Pod, and stops the kubelet only to start it again at once.
 */
export interface Recovering {
  /** Looks at the kubelet's credential, and asks the API server about the Node of that name by it. Changes nothing. */
  look(nodeName: string): Promise<KubeletSight>

  /** Kind of key that the kubelet makes by its configuration. */
  keyAlgorithm(): Promise<KeyAlgorithm>

  /** The answer of an API server to a credential. */
  ask(nodeName: string, way: WayToApi, as: BootstrapCredential): Promise<ApiAnswer>

  /**
   * Replaces the CA by which the kubelet knows its callers (`/etc/kubernetes/pki/ca.crt`), unless this CA is in it
   * already.
   */
  replaceAuthority(ca: string): Promise<void>

  /** Writes bootstrap-kubelet.conf, 0600. The kubelet writes kubelet.conf from it, so `way` becomes the kubelet's. */
  writeBootstrap(way: WayToApi, credential: BootstrapCredential): Promise<void>

  /** Removes bootstrap-kubelet.conf, which holds a credential. The kubelet never does. */
  removeBootstrap(): Promise<void>

  /**
   * Removes the link to the kubelet's certificate, because of which the kubelet would not look at the credential. The
   * file behind it stays.
   */
  removeCertificate(): Promise<void>

  /** Restarts the kubelet if it runs. One that ends again and again comes round by itself, each ten seconds. */
  restartKubelet(): Promise<void>

  /** The last lines of the kubelet's log. */
  kubeletLog(): Promise<string[]>
}

/** The way to an API server: its URL, and the CA (PEM) that it must show. */
export interface WayToApi {
  server: string
  ca: string
}

/** A client certificate and its key, PEM. */
export interface BootstrapCredential {
  certificate: string
  key: string
}

/** Everything that the way back depends on, on the machine and at its API server. */
export interface KubeletSight {
  pem: Pem
  /** Server and CA of kubelet.conf. Undefined if the file is missing, or is none after a power cut. */
  conf?: WayToApi
  /** True if bootstrap-kubelet.conf lies on disk. */
  bootstrapConf: boolean
  /** Undefined if there is no kubelet.conf that says whom to ask. */
  api?: ApiAnswer
  /** Undefined if the kubelet's certificate is good: then systemd is not asked. */
  kubelet?: KubeletUnit
  /** Set on a control plane: whether the key of the cluster's CA lies there, and the CA. */
  controlPlane?: { authorityKey: boolean; ca?: string }
}

/** The kubelet's client certificate with its key, one file behind a link. A certificate that can be read is described. */
export type Pem =
  | { state: 'missing' | 'dead-link' }
  | ({ state: 'unreadable' | 'key-does-not-fit' } & Partial<PemData>)
  | ({
      state: 'whole'
    } & PemData)

export interface PemData {
  certificate: KubeletCertificate
  /** Milliseconds since 1970. */
  notAfter: number
}

/**
 * The answer of the API server to the question for the machine's Node:
 * - http: TLS verified by the CA. `date` is the API server's clock, in milliseconds since 1970
 * - untrusted: the API server's certificate is of another CA
 * - none: nothing is known, because of that
 */
export type ApiAnswer =
  | { answer: 'http'; status: number; date?: number }
  | { answer: 'untrusted' }
  | { answer: 'none'; why: string }

/**
 * The kubelet's unit:
 * - stopped: somebody stopped it
 * - ends: it starts, ends and is started again
 * - runs: it has run for a minute. `refused` is true if its log shows that the API server does not know it any more
 */
export type KubeletUnit = { state: 'stopped' | 'ends' } | { state: 'runs'; refused: boolean }
