import type { Csr } from './csrs.ts'
import type { ClusterNode, LabelsAndTaints } from './nodes.ts'

/**
 * The calls that give something to a machine, without what holds them. The guard alone makes them: a service has `Giving`, which asks
 * for the admission policy and the leadership first.
 */
export interface UnguardedGiving {
  /** Makes the token's Secret. If the Secret exists already, that is success: its id was committed before. */
  createToken(token: BootstrapToken): Promise<void>

  /**
   * Makes a CSR of the server's own for `kubeletSigner`, for a certificate of `ownCsrSeconds`. If a CSR of that name exists
   * already, it is given as it is, whoever made it: its name was committed before.
   */
  createOwnCsr(csr: Pick<Csr, 'name' | 'request'>): Promise<Csr>

  /**
   * Approves this very CSR (name and uid), for either of the two signers. If it is approved already, that is success. Throws
   * `not-found` if it is gone, and `illegal-event` if somebody denied it.
   */
  approveCsr(csr: Pick<Csr, 'name' | 'uid'>): Promise<void>

  /**
   * Deletes the labelled Lease of a name that is on the list, so that the kubelet makes another one, and then takes the name off the
   * list. If the name is not on the list, that is success, and nothing is written.
   */
  unban(name: string): Promise<void>

  /**
   * Sets these labels on this very Node (name and uid), adds these taints, and takes `joiningLabel` away, in one call. Nothing
   * else of the Node changes. What the Node has already is success. Throws `not-found` if the Node is gone, or is another one
   * by now. The cluster refuses, as `cluster-unavailable`, what is not `withinBounds`.
   */
  setLabelsAndTaints(node: Pick<ClusterNode, 'name' | 'uid'>, wanted: LabelsAndTaints): Promise<void>

  /**
   * Takes the startup taint away from this very Node (name and uid), and nothing else. If the Node has none, that is success. Throws
   * `not-found` if the Node is gone, or is another one by now.
   */
  removeStartupTaint(node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void>
}

/**
 * A bootstrap token for authentication. `signing`: it also vouches for `cluster-info`, which only a token of `signingGroups`
 * may.
 */
export interface BootstrapToken {
  /** `[a-z0-9]{6}` */
  id: string
  /** `[a-z0-9]{16}` */
  secret: string
  /** The one extra group, as `system:bootstrappers:joinery:node`. */
  group: string
  expires: Date
  description: string
  signing?: boolean
}
