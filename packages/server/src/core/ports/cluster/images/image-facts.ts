import { minute } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { InjectionToken } from 'tsyringe'
import { cached } from '../../../base/cached.ts'
import type { Monotonic } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { ClusterSettings } from '../cluster-settings.ts'
import type { DaemonSetSight } from '../node-sight.ts'
import type { Nodes } from '../nodes.ts'
import { type ImageIndex, indexImages } from './image-index.ts'

/** Images that new Nodes run, as far as the server knows. */
export interface ImageFacts {
  /** kube-proxy's image as kubeadm sets it up. Undefined in a cluster without kubeadm's kube-proxy. */
  kubeProxy?: string
  /** DaemonSets of the cluster. Undefined if the server has no right to read them. */
  daemonSets?: DaemonSetSight[]
  index: ImageIndex
}

/** Reads what is known of images. Undefined if the cluster does not tell: a machine then pulls nothing before its approval. */
export type ReadImageFacts = () => Promise<ImageFacts | undefined>
export const ReadImageFacts = Symbol('ReadImageFacts') as InjectionToken<ReadImageFacts>

/** Lifetimes of an answer, in milliseconds. A list of Nodes with their images is long, and images seldom change. */
const lifetimes = { value: 5 * minute, failure: minute }

/** Makes the reader of images. `diagnosis`: true if the server has the right to read DaemonSets. */
export const imageFacts = (
  cluster: Pick<ClusterSettings, 'imageSight'> & Pick<Nodes, 'daemonSets'>,
  diagnosis: boolean,
  monotonic: Monotonic,
  log: Pick<Logger, 'warn'>
): ReadImageFacts => {
  const read = cached(
    async () => {
      try {
        const [{ nodes, ...rest }, daemonSets] = await Promise.all([
          cluster.imageSight(),
          diagnosis ? cluster.daemonSets() : undefined
        ])
        return { ...rest, ...given({ daemonSets }), index: indexImages(nodes) }
      } catch (error) {
        log.warn(
          { err: error },
          'machines that wait are told of no image: the cluster does not say what its Nodes have'
        )
        throw error
      }
    },
    monotonic,
    lifetimes
  )
  return () => read().catch(() => undefined)
}
