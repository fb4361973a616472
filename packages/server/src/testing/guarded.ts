import { systemClock } from '../core/base/clock.ts'
import { makeLog } from '../core/base/log.ts'
import { Bounds } from '../core/credentials/bounds.ts'
import { guardCluster } from '../core/credentials/cluster-guard.ts'
import { alwaysLeads } from '../core/leadership/leadership.ts'
import type { UnguardedCluster } from '../core/ports/cluster/unguarded-cluster.ts'

/** The guarded parts of a stub, through the true guard: its server leads, and every policy is proven. */
export const guardedOver = (
  cluster: Partial<UnguardedCluster>,
  more: Partial<Parameters<typeof guardCluster>[0]> = {}
) =>
  guardCluster({ cluster: cluster as UnguardedCluster, leadership: () => alwaysLeads, bounds: provenBounds(), ...more })

const provenBounds = (): Bounds =>
  new Bounds({
    cluster: { policyGaps: async () => [], now: () => systemClock.now(), version: async () => '' },
    clock: systemClock,
    log: makeLog({ write: () => {} }),
    rights: { credential: 'token', serving: true }
  })
