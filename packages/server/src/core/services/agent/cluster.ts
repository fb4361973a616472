import type { ClusterFacts } from '@joinery/protocol'
import type { Enrolments } from '../../commit/enrolments.ts'
import { requireOnItsWay } from '../../enrolment/facts/on-its-way.ts'
import { imagesOfNewNode } from '../../enrolment/prefetch/images-of-new-node.ts'
import { isToldImages } from '../../enrolment/prefetch/is-told-images.ts'
import type { ReadClusterFacts } from '../../ports/cluster/cluster-facts.ts'
import type { ReadImageFacts } from '../../ports/cluster/images/image-facts.ts'
import type { Caller } from './sighting.ts'

export interface ClusterParts {
  enrolments: Enrolments
  clusterFacts: ReadClusterFacts
  imageFacts: ReadImageFacts
}

/**
 * Gives the facts of the cluster that the machine will join. A machine whose enrolment has come to its end gets none. If its code
 * allows it, a machine that waits is also told which images new nodes run.
 */
export const cluster =
  ({ enrolments, clusterFacts, imageFacts }: ClusterParts) =>
  async ({ key }: Caller): Promise<ClusterFacts> => {
    const enrolment = await enrolments.own(key)
    requireOnItsWay(enrolment)
    const [facts, images] = await Promise.all([clusterFacts(), isToldImages(enrolment) ? imageFacts() : undefined])
    const prefetch = images === undefined ? [] : imagesOfNewNode(enrolment, images)
    return { ...facts, ...(prefetch.length > 0 && { prefetch }) }
  }
