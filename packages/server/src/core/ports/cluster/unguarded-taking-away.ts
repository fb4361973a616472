import type { Csr } from './csrs.ts'
import type { ClusterNode } from './nodes.ts'

/**
 * The calls that take something away, without what holds them. The guard alone makes them: a service has `TakingAway`. Another server
 * that does it too does no harm, so they need no leadership.
 */
export interface UnguardedTakingAway {
  /** Deletes the token's Secret. If the Secret is gone already, that is success. */
  deleteToken(id: string): Promise<void>

  /**
   * Denies this very CSR (name and uid), which a bootstrap token of ours made: nobody can approve it any more. The kubelet finds
   * the fault in it, if the request has one of its own. If the CSR is denied already, or gone, that is success. Throws
   * `illegal-event` if it is approved. The cluster refuses the call for all other CSRs.
   */
  denyCsr(csr: Pick<Csr, 'name' | 'uid'>, fault?: string): Promise<void>

  /** Deletes a CSR of the server's own. If the CSR is gone already, that is success. A CSR that somebody else made stays. */
  deleteOwnCsr(name: string): Promise<void>

  /**
   * Deletes this very Node (name and uid). If it is gone already, that is success. If another Node has its name by now, that is
   * success too, and that Node stays. The cluster refuses the call, as `cluster-unavailable`, for a name that is not banned and
   * for a control plane.
   */
  deleteNode(node: Pick<ClusterNode, 'name' | 'uid'>): Promise<void>

  /**
   * Puts the name on the list that the admission policies `joinery-ban` and `joinery-node-deletions` read. Then, if the Node of
   * the name has a Lease, replaces it by one with the label that `joinery-ban-leases` looks for. The first 128 characters of
   * `reason` are kept.
   */
  ban(name: string, reason: string): Promise<void>

  /**
   * Labels the Leases of banned Nodes that have no label yet, and deletes the labelled Leases of names that are not banned. One
   * call does at most `leasesAtMost` of each. `nodes`: as `nodes()` gave them. `turn`: one more each time, see
   * `leasesToSettle`, which also takes the labelled Lease of a Node that is Ready all the same. Returns how many are left for the
   * next time.
   */
  settleBannedLeases(nodes: readonly BannedNode[], turn: number): Promise<number>
}

/** A Node, as far as a ban asks. */
export type BannedNode = Pick<ClusterNode, 'name' | 'uid'> & Partial<Pick<ClusterNode, 'ready'>>
