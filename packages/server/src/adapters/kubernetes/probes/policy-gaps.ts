import type { Connection } from '@joinery/kube'
import { statusOf } from '@joinery/kube'
import type { Policy } from '@joinery/kube/names'
import type { ServerRights } from '../../../core/ports/cluster/access-checks.ts'
import { approvalProbes } from './approval-probes.ts'
import { comparedGaps } from './compared-policies.ts'
import { csrProbes } from './csr-probes.ts'
import { codeProbes, decisionProbes } from './door-probes.ts'
import { nodeDeletionProbes, nodeProbes } from './node-probes.ts'
import { banListProbes, eventProbes, renewalProbes } from './own-probes.ts'
import { gapsOf, type Probe } from './probe.ts'
import { secretProbes } from './token-probes.ts'

type Prove = (api: Connection, policy: Policy, rights: ServerRights, now: Date) => Promise<string[]>

/**
 * Gaps of the policy, found by dry run. If the cluster has nothing to try it on, or a webhook of the cluster does not
 * support dry run (400), the gaps are found by reading the policy.
 */
const tried =
  (probes: (api: Connection, rights: ServerRights, now: Date) => Promise<Probe[]> | Probe[]): Prove =>
  async (api, policy, rights, now) => {
    try {
      const found = await probes(api, rights, now)
      if (found.length > 0) return await gapsOf(api, found)
    } catch (error) {
      if (statusOf(error) !== 400) throw error
    }
    return comparedGaps(api, policy, rights)
  }

/** Gaps that either way finds: a policy also refuses others what no dry run of the server can try. */
const both =
  (one: Prove, other: Prove): Prove =>
  async (...asked) => [...new Set((await Promise.all([one(...asked), other(...asked)])).flat())]

const proofs: Record<Policy, Prove> = {
  'joinery-bootstrap-tokens': tried((_, { credential }, now) => secretProbes(credential, now)),
  'joinery-bootstrap-csrs': comparedGaps,
  'joinery-csrs': tried(csrProbes),
  'joinery-csr-approvals': tried(approvalProbes),
  'joinery-nodes': tried(nodeProbes),
  'joinery-node-deletions': tried(nodeDeletionProbes),
  'joinery-leases': comparedGaps,
  'joinery-ban-list': both(
    tried(() => banListProbes),
    comparedGaps
  ),
  'joinery-token-renewal': tried(() => renewalProbes),
  'joinery-events': tried(() => eventProbes),
  'joinery-ban': comparedGaps,
  'joinery-ban-reports': comparedGaps,
  'joinery-ban-leases': comparedGaps,
  'joinery-decisions': both(
    tried(() => decisionProbes),
    comparedGaps
  ),
  'joinery-codes': tried(() => codeProbes),
  'joinery-views': comparedGaps,
  'joinery-definitions': comparedGaps,
  'joinery-log': comparedGaps,
  'joinery-server-leases': comparedGaps
}

export const policyGaps: Prove = (api, policy, rights, now) => proofs[policy](api, policy, rights, now)
