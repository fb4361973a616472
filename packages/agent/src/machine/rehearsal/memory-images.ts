import type { Images } from '../images.ts'

export interface MemoryImages extends Images {
  /** Error text with which the next pulls fail, until it is undefined. */
  problem: string | undefined
  readonly pulled: readonly string[]
}

/** A container runtime that has no image at first, and a registry that has all. */
export const memoryImages = (): MemoryImages => {
  const pulled: string[] = []
  return {
    problem: undefined,
    pulled,
    has: async (image) => pulled.includes(image),
    async pull(image) {
      if (this.problem !== undefined) throw new Error(this.problem)
      pulled.push(image)
    }
  }
}

/** The output of `kubeadm config images list` of v1.37. */
export const imageList = (version: string, repository: string): string =>
  [
    `kube-apiserver:${version}`,
    `kube-controller-manager:${version}`,
    `kube-scheduler:${version}`,
    `kube-proxy:${version}`,
    'coredns/coredns:v1.14.1',
    'pause:3.10.1',
    'etcd:3.6.6-0'
  ]
    .map((image) => `${repository}/${image}\n`)
    .join('')
