import type { Check, ClusterFacts, Facts, KubeletCertificate } from '@joinery/protocol'
import type { SharedFiles } from '@joinery/protocol/seal'
import type { Failure } from '../../journal/journal.ts'
import type { NetworkTraces } from '../network/network-traces.ts'
import type { PreflightInput } from '../preflight/check/preflight-input.ts'

/** What the agent sees of the machine that it runs on. Nothing here changes the machine. */
export interface Looking {
  /** Read anew at each call; takes a second at most. */
  facts(): Promise<Facts>

  /** Runs every check and reports every one. */
  preflight(input: PreflightInput): Promise<Check[]>

  /** What is true of a join on this machine now. */
  joinState(): Promise<JoinState>

  /** What is in the network of what a join brings: looked at before one, so that a reset removes nothing else. */
  networkTraces(): Promise<NetworkTraces>

  /** The address that a Node of this name gets if it is told none; undefined if the machine has none that is fit. */
  nodeAddress(nodeName: string): Promise<string | undefined>

  /** Names of the images of a control plane that are not here yet. */
  missingImages(of: ControlPlaneImages): Promise<string[]>

  /** Paths of files that are in the way of the keys of a cluster: they are there, and are others. */
  keysInTheWay(keys: SharedFiles): Promise<string[]>

  /** The own Node, read with the kubelet's own credential. */
  nodeReadiness(name: string): Promise<NodeReadiness>

  /** Why the join failed that printed this, by all that the machine knows of it. */
  explainFailure(output: readonly string[]): Promise<Failure>
}

/** Which images: of what version, and from where if kubeadm is not to take its default. */
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
  /** The kubelet's client certificate, if it has one. */
  certificate?: KubeletCertificate
}

export interface NodeReadiness {
  ready: boolean
  /** Why it is not, in the words of the condition or of the error. */
  message: string
  /** The API server did not say: the Node may be ready. */
  unknown?: true
}
