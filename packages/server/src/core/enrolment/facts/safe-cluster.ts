import { ProblemError } from '@joinery/protocol'

/**
 * Throws `cluster-unsafe` if there is such a binding: never mint what the cluster would approve by itself, for any name.
 * `binding`: as the port's `autoApproval` names it.
 */
export const requireSafeCluster = (binding: string | undefined): void => {
  if (binding === undefined) return
  throw new ProblemError('cluster-unsafe', {
    detail: `a bootstrap token could become any node: ${binding}`,
    remedy: 'delete that binding; to see the command: joinery cluster doctor'
  })
}
