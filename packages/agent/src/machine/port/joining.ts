import type { CertificateCredential, TokenCredential } from '@joinery/protocol'
import type { SharedFiles } from '@joinery/protocol/seal'

/**
 * The port with which the agent joins the machine that it runs on, and takes a join back. `Looking` says what is true
 * of a join.
 */
export interface Joining {
  /**
   * Pulls an image. Rejects with an Error that says why the runtime could not; takes ten minutes at most. `signal` gives the pull up:
   * then it rejects, too.
   */
  pullImage(image: string, signal?: AbortSignal): Promise<void>

  /**
   * Writes JoinConfiguration and discovery file to tmpfs (0600) and starts `kubeadm join` in its own unit. For a control plane
   * it places the keys of the cluster before, if they are not there yet.
   */
  startJoin(credential: JoinCredential, options?: JoinOptions): Promise<void>

  /** Starts the kubelet if it does not run, without waiting for it: after closeJoin, if it has its identity. */
  startKubelet(): Promise<void>

  /**
   * Marks this machine's Node as kubeadm marks a control plane, by the files that kubeadm left. Rejects if there is
   * no Node yet.
   */
  markControlPlane(name: string): Promise<void>

  /**
   * Ends a join that did not end well: stops the unit and the kubelet, removes bootstrap-kubelet.conf and the files
   * of startJoin. Safe to call again, and at boot before the kubelet.
   */
  closeJoin(): Promise<void>

  /** Runs `kubeadm reset`, after closeJoin and before another attempt. Only ever for a join that this agent journalled. */
  reset(): Promise<void>

  /**
   * Removes every secret that startJoin made, and bootstrap-kubelet.conf if the kubelet has its certificate. The join
   * itself stays as it is.
   */
  removeSecrets(): Promise<void>
}

/** The claimed credential. A certificate comes with its key (PEM), which only this machine has. */
export type JoinCredential = TokenCredential | (CertificateCredential & { key: string })

export interface JoinOptions {
  /** Address of the Node, if the kubelet must not choose one. */
  nodeIp?: string
  /** Address of the control plane's API server, and the keys that it shares with the others. Secrets. */
  controlPlane?: { address: string; keys: SharedFiles }
}
