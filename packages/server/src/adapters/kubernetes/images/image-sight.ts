import type { Connection } from '@joinery/kube'
import { given } from '@joinery/protocol/given'
import type { V1Node } from '@kubernetes/client-node'
import { parse } from 'yaml'
import {
  boundedImages,
  type ImageSight,
  kubeProxyImage,
  type NodeImages,
  sightBounds
} from '../../../core/ports/cluster/images/image-sight.ts'
import { clusterConfiguration, configMapValue } from '../config-map.ts'

/** Reads the first Nodes of the list, and kube-proxy's image of kubeadm-config. */
export const imageSight = async (api: Connection): Promise<ImageSight> => {
  const [configuration, kubeProxy, { items }] = await Promise.all([
    clusterConfiguration(api),
    configMapValue(api, 'kube-system', 'kube-proxy', 'config.conf'),
    api.core.listNode({ limit: sightBounds.nodes })
  ])
  const image = kubeProxy === '' ? undefined : imageIn(configuration)
  return boundedImages({ ...given({ kubeProxy: image }), nodes: items.filter(isReady).map(toNodeImages) })
}

const imageIn = (configuration: string): string | undefined => {
  const { kubernetesVersion, imageRepository } = parse(configuration) ?? {}
  if (typeof kubernetesVersion !== 'string') return undefined
  return kubeProxyImage(
    kubernetesVersion,
    typeof imageRepository === 'string' && imageRepository !== '' ? imageRepository : undefined
  )
}

const isReady = ({ status }: V1Node): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

const toNodeImages = ({ status }: V1Node): NodeImages => ({
  arch: status?.nodeInfo?.architecture ?? '',
  images: (status?.images ?? []).map(({ names = [], sizeBytes = 0 }) => ({ names, bytes: sizeBytes }))
})
