import { toleranceOf } from '@joinery/protocol'
import type { SeenEnrolmentDetail } from '../operator-client.ts'

/**
 * Losses that the cluster's etcd tolerates once this control plane is there. Undefined if unknown, or if the join is
 * over.
 */
export const etcdMembers = ({ controlPlanes, etcd }: SeenEnrolmentDetail): string | undefined => {
  if (etcd === 'external') return 'etcd is external, and gets no member by this control plane'
  if (controlPlanes === undefined || etcd === undefined) return undefined
  return toleranceOf(controlPlanes + 1)
}
