import type { ClusterFacts } from '@joinery/protocol'
import type { Enrolments } from '../../commit/enrolments.ts'
import { requireOnItsWay } from '../../enrolment/facts/on-its-way.ts'
import type { ReadClusterFacts } from '../cluster-facts.ts'
import type { Caller } from './sighting.ts'

export interface ClusterParts {
  enrolments: Enrolments
  clusterFacts: ReadClusterFacts
}

/** Facts of the cluster that the machine is to join; for none whose enrolment has come to its end. */
export const cluster =
  ({ enrolments, clusterFacts }: ClusterParts) =>
  async ({ key }: Caller): Promise<ClusterFacts> => {
    requireOnItsWay(await enrolments.own(key))
    return clusterFacts()
  }
