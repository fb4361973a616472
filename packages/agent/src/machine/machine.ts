import type {
  CertificateCredential,
  Check,
  Facts,
  KubeletCertificate,
  Remediation,
  TokenCredential
} from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Failure } from '../journal.ts'
import type { Mended } from './mend/mend.ts'
import type { NetworkTraces } from './network-traces.ts'
import type { PreflightInput } from './preflight/preflight-input.ts'

/** What the agent needs of the machine that it runs on. Implementations: `linux`, and `rehearsal` (the verified fake). */
export interface Machine {
  /** Read anew at each call; takes a second at most. */
  facts(): Promise<Facts>

  /** Runs every check and reports every one; changes nothing. */
  preflight(input: PreflightInput): Promise<Check[]>

  /**
   * Mends the checks that failed or warned, as far as `level` allows it, now and for the next boot. Each change is journalled
   * before it is made (`changesMade`). Nothing beside a package manager or kubeadm that is at work.
   */
  mend(checks: readonly Check[], level: Remediation): Promise<Mended>

  /** What is true of a join on this machine now. */
  joinState(): Promise<JoinState>

  /** What is in the network of what a join brings: looked at before one, so that a reset removes nothing else. */
  networkTraces(): Promise<NetworkTraces>

  /** Writes JoinConfiguration and discovery file to tmpfs (0600) and starts `kubeadm join` in its own unit. */
  startJoin(credential: JoinCredential, options?: JoinOptions): Promise<void>

  /** Why the join failed that printed this, by all that the machine knows of it. */
  explainFailure(output: readonly string[]): Promise<Failure>

  /**
   * Takes back what a join that did not end well left running or lying about: stops the unit and the kubelet, removes
   * bootstrap-kubelet.conf and the files of startJoin. Safe to call again, and at boot before the kubelet.
   */
  closeJoin(): Promise<void>

  /** Starts the kubelet where it does not run, without waiting for it: after closeJoin, where it has its identity. */
  startKubelet(): Promise<void>

  /** `kubeadm reset`, after closeJoin and before another attempt; only ever for a join that this agent journalled. */
  reset(): Promise<void>

  /**
   * Removes every secret that startJoin made, and bootstrap-kubelet.conf where the kubelet has its certificate; the join
   * itself is left as it is.
   */
  removeSecrets(): Promise<void>

  /** The own Node, read with the kubelet's own credential. */
  nodeReadiness(name: string): Promise<NodeReadiness>

  /** Tells systemd what the agent does or waits for (`systemctl status`). */
  status(text: string): void
}
export const Machine = Symbol('Machine') as InjectionToken<Machine>

/** What was claimed; for a certificate with its key (PEM), which only this machine has. */
export type JoinCredential = TokenCredential | (CertificateCredential & { key: string })

export interface JoinOptions {
  /** Of the Node, where the kubelet is not to choose one. */
  nodeIp?: string
}

export interface JoinState {
  /** Of the unit that runs `kubeadm join`. */
  unit: 'absent' | 'running' | 'succeeded' | 'failed'
  /** What kubeadm printed so far, at most the last 200 lines, secrets never among them. */
  output: string[]
  /** /etc/kubernetes/bootstrap-kubelet.conf lies on disk: it holds a credential. */
  bootstrapConf: boolean
  /**
   * /etc/kubernetes/kubelet.conf exists, whole: a kubelet was started to join, here or by another join. It writes the file
   * before it has a certificate, so that alone proves nothing. After a power cut it may be empty, and then counts for none.
   */
  kubeletConf: boolean
  /** The kubelet's client certificate, where it has one. */
  certificate?: KubeletCertificate
}

export interface NodeReadiness {
  ready: boolean
  /** Why it is not, in the words of the condition or of the error. */
  message: string
  /** The API server did not say: the Node may be ready. */
  unknown?: true
}
