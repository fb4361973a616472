import { StartRefusal } from '../base/start-refusal.ts'
import type { LeaseObjects } from '../leadership/lease-objects.ts'
import type { Presences } from '../leadership/presences.ts'

/** The Leases by which the servers of one installation agree. */
export interface ClusterObjects {
  lease: LeaseObjects
  presences: Presences
}

/** The Leases in the cluster that the server's own kubeconfig names. */
export const clusterObjects = (_: string): ClusterObjects => {
  throw new StartRefusal('store: cluster is not there yet in this version', 'set store: file, or leave it out')
}
