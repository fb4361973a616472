import type { Policy } from '@joinery/kube/names'
import type { CredentialKind } from '@joinery/protocol'

/** Checks of what the cluster would allow: to anybody, to a bootstrap token, and to those whom an admission policy holds. */
export interface AccessChecks {
  /** True if anybody may read `cluster-info` without a credential: `kubeadm join --token` finds the cluster by it. */
  publishesClusterInfo(): Promise<boolean>

  /**
   * Names the binding by which the stock controller would approve a CSR by a bootstrap token of this group. Undefined if it
   * would not. Asks by a SubjectAccessReview with all groups of such a token, system:bootstrappers among them.
   */
  autoApproval(group: string): Promise<string | undefined>

  /**
   * Gaps in this admission policy, a line each. Empty if it holds as it should. A policy that holds the server is tried by dry
   * run, with the server's own credential: what the cluster must refuse, and what it must not. A policy that holds others, or
   * that there is nothing to try on, is read and compared with what this version makes. Nothing is made or changed. `now`: by
   * the cluster's clock, for the expiry of the Secrets that are asked for.
   */
  policyGaps(policy: Policy, rights: ServerRights, now: Date): Promise<string[]>
}

/** Rights that the server's settings call for, and that it was set up with. */
export interface ServerRights {
  /** Credential kind of the server. With certificates the cluster must refuse it every Secret. */
  credential: CredentialKind
  /** True if the server approves serving certificates. */
  serving: boolean
  /** True if the server reads what says why a Node is not Ready: `diagnosis: on`. If absent, it does not. */
  diagnosis?: boolean
}
