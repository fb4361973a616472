import type { ClusterFacts, Reachability, Remediation, Role } from '@joinery/protocol'

/** What preflight is told: what a machine cannot find out by itself. Without a pairing server it is little. */
export interface PreflightInput {
  role: Role
  /** host:port of the Kubernetes API. */
  apiEndpoint?: string
  /** URL of the pairing server. */
  pairingServer?: string
  /** By which it is to join. */
  nodeName?: string
  /** That the kubelet is to use, where an administrator chose one. */
  nodeIp?: string
  /** Names of checks whose failure is not to count. */
  ignore: readonly string[]
  /** What the agent mends by itself; undefined where nobody does. */
  remediate?: Remediation
  /** What lies here of an earlier join is its own: the agent that asks made it, and takes it back where it may. */
  ownEarlierJoin?: boolean
  /** As the pairing server told it; `skew`: milliseconds by which this machine's clock is ahead of the server's. */
  cluster?: ClusterFacts & { skew: number }
  /** The pairing server was asked: what is absent of `cluster` it does not know, or cannot say now. */
  surveyed?: boolean
  /** Names of checks that a person asked to be mended, whatever it takes. */
  named?: readonly string[]
  /** What came of it when the pairing server dialled this machine. */
  reachability?: Reachability
}
