import type { Cause, Check, ClusterFacts, Facts, KubeletCertificate } from '@joinery/protocol'
import type { SharedFiles } from '@joinery/protocol/seal'
import type { Space } from '../../host/host.ts'
import type { Failure } from '../../journal/journal.ts'
import type { NetworkTraces } from '../../network/network-traces.ts'
import type { PreflightInput } from '../preflight/check/preflight-input.ts'

/** The port through which the agent sees the machine that it runs on. Nothing here changes the machine. */
export interface Looking {
  /** Reads the facts again at each call. It takes a second at most. */
  facts(): Promise<Facts>

  /** Runs every check and reports every one. */
  preflight(input: PreflightInput): Promise<Check[]>

  /** The state of a join on this machine now. */
  joinState(): Promise<JoinState>

  /** Traces of a join in the network. They are looked at before a join, so that a reset removes nothing else. */
  networkTraces(): Promise<NetworkTraces>

  /** The address that a Node of this name gets if it is told none. Undefined if the machine has none that is fit. */
  nodeAddress(nodeName: string): Promise<string | undefined>

  /** Names of the images of a control plane that are not here yet. */
  missingImages(of: ControlPlaneImages): Promise<string[]>

  /** True if the container runtime has the image with this reference. Rejects if the runtime does not answer. */
  hasImage(image: string): Promise<boolean>

  /** Space on the disk where the container runtime keeps images. */
  imageSpace(): Promise<Space>

  /** Paths of files that are in the way of a cluster's keys: they are there, and are others. */
  keysInTheWay(keys: SharedFiles): Promise<string[]>

  /** Reads this machine's Node with the kubelet's own credential. */
  nodeReadiness(name: string): Promise<NodeReadiness>

  /**
   * Looks why the Node of this name is not Ready, as the machine sees it. It only reads, takes a minute at most, and never rejects.
   * `skew`: milliseconds by which this machine's clock is ahead of the pairing server's, if the server was asked.
   */
  whyNotReady(name: string, skew?: number): Promise<NotReady>

  /** The reason why the join failed that printed this output, by all that the machine knows of it. */
  explainFailure(output: readonly string[]): Promise<Failure>
}

/** The control-plane images of a version, and their repository if kubeadm must not take its default. */
export type ControlPlaneImages = Pick<ClusterFacts, 'version' | 'imageRepository' | 'etcd'>

export interface JoinState {
  /** State of the unit that runs `kubeadm join`. */
  unit: 'absent' | 'running' | 'succeeded' | 'failed'
  /** Output of kubeadm so far, at most the last 200 lines, without secrets. */
  output: string[]
  /** True if /etc/kubernetes/bootstrap-kubelet.conf lies on disk: it holds a credential. */
  bootstrapConf: boolean
  /**
   * True if /etc/kubernetes/kubelet.conf exists, whole: a kubelet was started to join, here or by another join. The
   * kubelet writes the file before it has a certificate, so the file alone proves nothing. After a power cut it may
   * be empty, and then does not count.
   */
  kubeletConf: boolean
  /** The kubelet's client certificate, if it has one. */
  certificate?: KubeletCertificate
}

export interface NodeReadiness {
  ready: boolean
  /** The reason why the Node is not ready, in the words of the condition or of the error. */
  message: string
  /** The API server did not answer the question: the Node may be ready. */
  unknown?: true
}

export interface NotReady {
  readiness: NodeReadiness
  /** The causes, the likeliest first. None if the Node is Ready. */
  causes: Cause[]
  /** A sentence for each thing that could not be looked at, with the reason. */
  unseen: string[]
}
