import type { ClusterFacts, PrefetchImage } from '@joinery/protocol'
import type { ReadClusterFacts } from '../../cluster/cluster-facts.ts'
import type { ReadImageFacts } from '../../cluster/images/image-facts.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import { requireOnItsWay } from '../../enrolment/facts/on-its-way.ts'
import { decideImages } from '../../enrolment/prefetch/decide-images.ts'
import { isToldImages } from '../../enrolment/prefetch/is-told-images.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
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
  (parts: ClusterParts) =>
  async ({ key }: Caller): Promise<ClusterFacts> => {
    const enrolment = await parts.enrolments.own(key)
    requireOnItsWay(enrolment)
    const [facts, prefetch] = await Promise.all([parts.clusterFacts(), imagesFor(enrolment, parts)])
    return { ...facts, ...(prefetch.length > 0 && { prefetch }) }
  }

const imagesFor = async (
  enrolment: EnrolmentDocument,
  { imageFacts }: Pick<ClusterParts, 'imageFacts'>
): Promise<PrefetchImage[]> => {
  const known = isToldImages(enrolment) ? await imageFacts() : undefined
  if (known === undefined) return []
  const { kubeProxy, index } = known
  const work = kubeProxy === undefined ? [] : [kubeProxyWork(kubeProxy)]
  return decideImages(work, enrolment.facts.arch, index)
}

/** kube-proxy's DaemonSet, as kubeadm makes it. */
const kubeProxyWork = (image: string) => ({
  namespace: 'kube-system',
  name: 'kube-proxy',
  images: [image],
  hostNetwork: true,
  needsSecret: false
})
