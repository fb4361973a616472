/** Images by kubeadm's ConfigMaps and by what Nodes report. To read them takes no right of its own. */
export interface ImageSight {
  /** kube-proxy's image as kubeadm sets it up. Undefined in a cluster without kubeadm's kube-proxy. */
  kubeProxy?: string
  /** Images of Ready Nodes. */
  nodes: NodeImages[]
}

/** The images that one Node has, as its kubelet reports them: the largest ones. */
export interface NodeImages {
  /** Architecture of the Node, as `amd64`. */
  arch: string
  images: NodeImage[]
}

export interface NodeImage {
  /** References of the image, by tag and by digest. */
  names: string[]
  /** Size in bytes of what the registry sends. */
  bytes: number
}

/**
 * Most Nodes, images of each, and names of an image that one look reads. A kubelet reports 50 images unless it is told otherwise, and
 * may write what it likes.
 */
export const sightBounds = { nodes: 250, images: 50, names: 8 } as const

/** The sight cut to its bounds. */
export const boundedImages = ({ kubeProxy, nodes }: ImageSight): ImageSight => ({
  ...(kubeProxy !== undefined && { kubeProxy }),
  nodes: nodes.slice(0, sightBounds.nodes).map(({ arch, images }) => ({
    arch,
    images: images
      .slice(0, sightBounds.images)
      .map(({ names, bytes }) => ({ names: names.slice(0, sightBounds.names), bytes }))
  }))
})

/** kube-proxy's image as kubeadm names it (`GetKubeProxyImage` of kubeadm's images.go). */
export const kubeProxyImage = (version: string, repository = 'registry.k8s.io'): string =>
  `${repository}/kube-proxy:${version}`
