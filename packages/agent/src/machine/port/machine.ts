import type { OwnMember } from '@joinery/etcd/etcd.ts'
import type {
  CertificateCredential,
  Check,
  ClusterFacts,
  Facts,
  KubeletCertificate,
  Remediation,
  TokenCredential
} from '@joinery/protocol'
import type { SharedFiles } from '@joinery/protocol/seal'
import type { InjectionToken } from 'tsyringe'
import type { Failure } from '../../journal/journal.ts'
import type { Mended } from '../mend/mend.ts'
import type { NetworkTraces } from '../network/network-traces.ts'
import type { PreflightInput } from '../preflight/check/preflight-input.ts'

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

  /** The address that a Node of this name gets where it is told none; undefined where the machine has none that is fit. */
  nodeAddress(nodeName: string): Promise<string | undefined>

  /** Names of the images of a control plane that are not here yet. */
  missingImages(of: ControlPlaneImages): Promise<string[]>

  /** Pulls an image. Rejects with an Error that says why the runtime could not; takes ten minutes at most. */
  pullImage(image: string): Promise<void>

  /** There is data of etcd on this machine, whoever's it is. */
  hasEtcdData(): Promise<boolean>

  /** Paths of files that are in the way of the keys of a cluster: they are there, and are others. */
  keysInTheWay(keys: SharedFiles): Promise<string[]>

  /**
   * Writes JoinConfiguration and discovery file to tmpfs (0600) and starts `kubeadm join` in its own unit. For a control plane
   * it places the keys of the cluster before, where they are not there yet.
   */
  startJoin(credential: JoinCredential, options?: JoinOptions): Promise<void>

  /** Why the join failed that printed this, by all that the machine knows of it. */
  explainFailure(output: readonly string[]): Promise<Failure>

  /**
   * Takes back what a join that did not end well left running or lying about: stops the unit and the kubelet, removes
   * bootstrap-kubelet.conf and the files of startJoin. Safe to call again, and at boot before the kubelet.
   */
  closeJoin(): Promise<void>

  /**
   * Takes the etcd member of a failed join of a control plane out of the cluster, by whatever other member answers. Gives why
   * it must stay for now; undefined where it is out, or was never in. Rejects where etcd does not answer.
   */
  leaveEtcd(own: OwnMember, hosts: readonly string[]): Promise<string | undefined>

  /**
   * Runs the etcd member that a closed join left here, without a credential of the cluster's; nothing where none was made.
   * `closeJoin` ends what is not etcd's.
   */
  startEtcd(address: string): Promise<void>

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

  /** Marks the own Node as kubeadm marks a control plane, by what kubeadm left; rejects where there is no Node yet. */
  markControlPlane(name: string): Promise<void>

  /** Tells systemd what the agent does or waits for (`systemctl status`). */
  status(text: string): void
}
export const Machine = Symbol('Machine') as InjectionToken<Machine>

/** What was claimed; for a certificate with its key (PEM), which only this machine has. */
export type JoinCredential = TokenCredential | (CertificateCredential & { key: string })

export interface JoinOptions {
  /** Of the Node, where the kubelet is not to choose one. */
  nodeIp?: string
  /** Address of its API server, and the keys that it shares with the others. Secrets. */
  controlPlane?: { address: string; keys: SharedFiles }
}

/** Which images: of what version, and from where kubeadm is not to take its default. */
export type ControlPlaneImages = Pick<ClusterFacts, 'version' | 'imageRepository' | 'etcd'>

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
