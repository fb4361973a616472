import type { RecoveryClaimRequest, RecoveryCredential } from '@joinery/protocol'
import type { Bounds } from '../../credentials/bounds.ts'
import { certificate } from '../../credentials/certificate.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { neededByNobody, refusedRecovery } from '../../enrolment/ask/refused-recovery.ts'
import { decideRecoveryClaim, requireApprovedRecovery } from '../../enrolment/recovery/decide-recovery-claim.ts'
import type { Generations } from '../../generation/generations.ts'
import type { AccessChecks } from '../../ports/cluster/access-checks.ts'
import type { ClusterSettings } from '../../ports/cluster/cluster-settings.ts'
import { deciding } from '../agent/reports.ts'
import type { Caller } from '../agent/sighting.ts'
import { lookAround, type RecoverParts, requireNotRefused } from './recover.ts'

export interface ClaimRecoveryParts extends RecoverParts {
  cluster: RecoverParts['cluster'] & Pick<AccessChecks, 'autoApproval'> & Pick<ClusterSettings, 'endpoint'>
  credentials: Pick<Credentials, 'give' | 'settleSoon'>
  bounds: Bounds
  generations: Pick<Generations, 'require'>
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/**
 * Gives the certificate of a way back that is approved: a client certificate, whichever credential the machine joined with. Its
 * attempt is committed before the certificate is made. Everything because of which an ask is refused refuses the claim too, so
 * that nothing comes back that was banned or replaced since. No ban is ever lifted here.
 */
export const claimRecovery =
  (parts: ClaimRecoveryParts) =>
  async ({ key }: Caller, { request, interrupted }: RecoveryClaimRequest): Promise<RecoveryCredential> => {
    const { cluster, clock, enrolments, credentials, bounds, generations, nudge } = parts
    const seen = await enrolments.own(key)
    const joinKey = requireApprovedRecovery(seen)
    const approved = await certificate.precheck(request, { ...seen, join: { ...seen.join, key: joinKey } })
    await generations.require()
    const endpoint = await cluster.endpoint()
    await certificate.open(seen, { cluster, bounds })
    const sight = await lookAround(parts, seen)
    requireNotRefused(refusedRecovery(seen, sight) ?? neededByNobody(seen, sight, clock.now()))
    const opened = deciding((current, now) =>
      decideRecoveryClaim(current, { joinKey, clusterNow: cluster.now(), interrupted }, now)
    )
    await enrolments.change(seen.id, opened.decide)
    const { attempt, ...secret } = await credentials.give(certificate, seen.id, { request: approved }).finally(() => {
      if (opened.decided) nudge()
    })
    return { attempt: attempt.number, nodeName: seen.name, ...endpoint, ...secret, expires: attempt.deadline }
  }
