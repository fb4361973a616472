import { connectionTo } from '@joinery/kube'
import { kubernetesLease } from '../adapters/kubernetes/log/kubernetes-lease.ts'
import { kubernetesLog } from '../adapters/kubernetes/log/kubernetes-log.ts'
import { kubernetesPresences } from '../adapters/kubernetes/log/kubernetes-presences.ts'
import type { LeaseObjects } from '../core/leadership/lease-objects.ts'
import type { Presences } from '../core/leadership/presences.ts'
import type { LogObjects } from '../core/ports/log/log-objects.ts'

/** The objects by which the servers of one installation agree, and in which they keep what they know. */
export interface ClusterObjects {
  lease: LeaseObjects
  presences: Presences
  log: LogObjects
}

/** Milliseconds that a call about a Lease waits for its answer. Its holder has to have tried more than once before it gives up. */
const leasePatience = 2000

/** Milliseconds to wait for an answer to a call about the log. */
const logPatience = 10_000

/** The objects in the cluster that the server's own kubeconfig names. Calls about Leases do not wait behind those of the log. */
export const clusterObjects = (kubeconfig: string): ClusterObjects => {
  const leases = connectionTo(kubeconfig, { timeout: leasePatience })
  return {
    lease: kubernetesLease(leases),
    presences: kubernetesPresences(leases),
    log: kubernetesLog(connectionTo(kubeconfig, { timeout: logPatience }))
  }
}
