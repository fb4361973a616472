import type { ClusterFacts } from '@joinery/protocol'
import type { ReadClusterFacts } from '../../cluster/cluster-facts.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import { requireOnItsWay } from '../../enrolment/facts/on-its-way.ts'
import type { Caller } from './sighting.ts'

export interface ClusterParts {
  enrolments: Enrolments
  clusterFacts: ReadClusterFacts
}

/** Gives the facts of the cluster that the machine will join. A machine whose enrolment has come to its end gets none. */
export const cluster =
  ({ enrolments, clusterFacts }: ClusterParts) =>
  async ({ key }: Caller): Promise<ClusterFacts> => {
    requireOnItsWay(await enrolments.own(key))
    return clusterFacts()
  }
