import { approvalCounts, isBeforeClaim, type PrefetchImage, readPrefetch } from '@joinery/protocol'
import type { Situation } from '../plan/plan.ts'

/**
 * Order for the images that the machine needs later.
 * - pull: the machine waits for its approval, and these are the images that new nodes run
 * - finish: no further pull begins, and the one that runs may come to its end
 * - stop: the one that runs is given up as well
 */
export type Order = { do: 'pull'; images: PrefetchImage[] } | { do: 'finish' } | { do: 'stop' }

/**
 * The order for this situation. From the approval on nothing begins, so that a join has the line for itself. A pull that runs then goes
 * on: containerd gives its parts to the kubelet, which would ask for the same image, and an end would throw them away. If nobody is
 * going to approve the machine, it pulls nothing more.
 */
export const decideOrder = ({ code, enrolment, cluster }: Pick<Situation, 'code' | 'enrolment' | 'cluster'>): Order => {
  // not asked yet, or not heard: what was true a moment ago may still be
  if (code !== undefined || enrolment === undefined) return { do: 'finish' }
  if (enrolment === 'none') return { do: 'stop' }
  if (approvalCounts(enrolment)) return { do: 'finish' }
  if (!isBeforeClaim(enrolment)) return { do: 'stop' }
  return cluster === undefined ? { do: 'finish' } : { do: 'pull', images: readPrefetch(cluster.prefetch) }
}
