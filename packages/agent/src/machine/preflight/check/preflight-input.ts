import type { ClusterFacts, Reachability, Remediation, Role } from '@joinery/protocol'

/** Facts for preflight that a machine cannot find out by itself. Without a pairing server they are few. */
export interface PreflightInput {
  role: Role
  /** host:port of the Kubernetes API. */
  apiEndpoint?: string
  /** URL of the pairing server. */
  pairingServer?: string
  /** URLs of the pairing servers beside it, if there are several. */
  furtherServers?: readonly string[]
  /** Name of the Node that the machine would be. */
  nodeName?: string
  /** Address that the kubelet must use, if an administrator chose one. */
  nodeIp?: string
  /** Names of checks whose failure does not count. */
  ignore: readonly string[]
  /** The level up to which the agent mends by itself. Undefined if nobody mends. */
  remediate?: Remediation
  /** True if the agent that asks made the earlier join on this machine, and takes it back if it may. */
  ownEarlierJoin?: boolean
  /** The cluster as the pairing server told it. `skew`: milliseconds by which this machine's clock is ahead of the server's. */
  cluster?: ClusterFacts & { skew: number }
  /**
   * True if the pairing server was asked. If a part of `cluster` is absent, the server does not know it, or cannot
   * say it now.
   */
  surveyed?: boolean
  /** Names of checks that a person asked to be mended, whatever it takes. */
  named?: readonly string[]
  /** The results of the pairing server's dial-back to this machine. */
  reachability?: Reachability
}
