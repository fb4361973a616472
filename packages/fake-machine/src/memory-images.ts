import type { Images } from '@joinery/agent/testing/debian'

export interface MemoryImages extends Images {
  /** Error text with which the next pulls fail, until it is undefined. */
  problem: string | undefined
  readonly pulled: readonly string[]
  /** The image that is being pulled. Undefined if none is. */
  readonly pulling: string | undefined
  /** Makes pulls take until the returned function is called, or until somebody gives them up. */
  hold(): () => void
}

/** A container runtime that has no image at first, and a registry that has all. */
export const memoryImages = (): MemoryImages => {
  const pulled: string[] = []
  let held: Promise<void> | undefined
  let pulling: string | undefined
  return {
    problem: undefined,
    pulled,
    get pulling() {
      return pulling
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return () => {
        held = undefined
        resolve()
      }
    },
    has: async (image) => pulled.includes(image),
    async pull(image, signal) {
      if (this.problem !== undefined) throw new Error(this.problem)
      pulling = image
      try {
        await Promise.race([held, givenUp(signal)])
        pulled.push(image)
      } finally {
        pulling = undefined
      }
    }
  }
}

/** Rejects when `signal` aborts. */
const givenUp = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const giveUp = (): void => reject(new Error('the call was given up'))
    if (signal?.aborted) giveUp()
    signal?.addEventListener('abort', giveUp, { once: true })
  })

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
