import type { PrefetchImage } from '@joinery/protocol'
import type { ImageFacts } from '../../ports/cluster/images/image-facts.ts'
import type { DaemonSetSight } from '../../ports/cluster/node-sight.ts'
import { decideImages, type NodeWork } from './decide-images.ts'
import { nodeToBe } from './node-to-be.ts'
import { judgePlacement } from './placement.ts'

/**
 * The images that the Node of this machine will run, as far as the cluster tells: those of each DaemonSet that is for it. If the server
 * may not read DaemonSets, kube-proxy is the one that is known.
 */
export const imagesOfNewNode = (
  machine: Parameters<typeof nodeToBe>[0],
  { kubeProxy, daemonSets, index }: ImageFacts
): PrefetchImage[] => {
  const node = nodeToBe(machine)
  const runs = daemonSets?.filter(({ needs }) => judgePlacement(needs, node) === 'runs').map(workOf)
  return decideImages(runs ?? (kubeProxy === undefined ? [] : [kubeProxyWork(kubeProxy)]), machine.facts.arch, index)
}

const workOf = ({ namespace, name, images, needsSecret, needs: { hostNetwork } }: DaemonSetSight): NodeWork => ({
  namespace,
  name,
  images,
  hostNetwork,
  needsSecret
})

/** kube-proxy's DaemonSet, as kubeadm makes it. */
const kubeProxyWork = (image: string): NodeWork => ({
  namespace: 'kube-system',
  name: 'kube-proxy',
  images: [image],
  hostNetwork: true,
  needsSecret: false
})
