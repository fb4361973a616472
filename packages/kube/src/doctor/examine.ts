import { type ClusterFinding, ProblemError } from '@joinery/protocol'
import type { Change } from './change.ts'
import { type ClusterCheck, comment, type Finding, wrong } from './checks/check.ts'
import { clusterChecks } from './cluster-checks.ts'
import type { ClusterSight } from './sight.ts'

export interface Examination {
  findings: ClusterFinding[]
  /** Changes that `joinery cluster harden` would make, in its order. */
  changes: Change[]
}

/** Runs all checks, and changes nothing. Throws `cluster-unavailable` if the API server cannot be reached at all. */
export const examine = async (sight: ClusterSight, now: Date): Promise<Examination> => {
  await sight.version()
  const examined = await Promise.all(clusterChecks.map(async (check) => [check, await run(check, sight, now)] as const))
  return {
    findings: examined.map(([check, finding]) => shown(check, finding)),
    changes: examined.flatMap(([, { changes }]) => changes)
  }
}

/** Runs one check. If the check cannot look, that counts as a finding that is not well. */
const run = async (check: ClusterCheck, sight: ClusterSight, now: Date): Promise<Finding> => {
  try {
    return await check.run(sight, now)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return wrong(
      'fail',
      `cannot be looked at: ${error.message}`,
      comment('give the kubeconfig of a cluster administrator: joinery cluster doctor --kubeconfig FILE')
    )
  }
}

const shown = ({ name, why }: ClusterCheck, { verdict, finding, remedy, changes }: Finding): ClusterFinding => ({
  name,
  verdict,
  finding,
  ...(verdict === 'pass' ? {} : { why }),
  ...(remedy.length === 0 ? {} : { remedy }),
  ...(changes.length === 0 ? {} : { hardens: true })
})
