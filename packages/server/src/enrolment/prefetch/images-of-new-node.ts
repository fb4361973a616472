import type { PrefetchImage } from '@joinery/protocol'
import type { ImageFacts } from '../../cluster/images/image-facts.ts'
import type { EnrolmentDocument } from '../../store/store.ts'
import { decideImages, type NodeWork } from './decide-images.ts'

/** The images that the Node of this machine will run, as far as the cluster tells. */
export const imagesOfNewNode = (
  { facts }: Pick<EnrolmentDocument, 'facts'>,
  { kubeProxy, index }: ImageFacts
): PrefetchImage[] => decideImages(kubeProxy === undefined ? [] : [kubeProxyWork(kubeProxy)], facts.arch, index)

/** kube-proxy's DaemonSet, as kubeadm makes it. */
const kubeProxyWork = (image: string): NodeWork => ({
  namespace: 'kube-system',
  name: 'kube-proxy',
  images: [image],
  hostNetwork: true,
  needsSecret: false
})
