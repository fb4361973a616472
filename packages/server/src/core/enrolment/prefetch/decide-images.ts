import { imagesAtMost, type PrefetchImage, readReference, referenceText } from '@joinery/protocol'
import { type ImageIndex, imageKey } from '../../ports/cluster/images/image-index.ts'

/** Pods that every new Node of some kind runs: those of one DaemonSet. */
export interface NodeWork {
  namespace: string
  name: string
  /** Images in the order in which its containers start. One that the kubelet never pulls is not among them. */
  images: readonly string[]
  /** True if its Pods run in the network of the host: they start before there is a network plugin, and one of them brings it. */
  hostNetwork: boolean
  /** True if its Pods name a Secret with the credential of a registry. */
  needsSecret: boolean
}

/** Largest image, and most bytes together, that a machine is told to pull. They are compressed: on the disk they are three times that. */
export const byteBounds = { image: 2 * 2 ** 30, all: 4 * 2 ** 30 } as const

/**
 * The images that a new Node of this architecture runs, those first that it needs to be Ready. An image is named by the digest that
 * Nodes of the same architecture have, else by its tag, as the kubelet would pull it. An image that is too large is left out, and so is
 * what needs a Secret of the cluster: no machine that waits gets one.
 */
export const decideImages = (work: readonly NodeWork[], arch: string, index: ImageIndex): PrefetchImage[] => {
  const chosen = new Map<string, PrefetchImage>()
  let all = 0
  for (const { images, needsSecret } of work.toSorted(byNeed)) {
    if (needsSecret) continue
    for (const text of images) {
      const reference = readReference(text)
      if (reference === undefined) continue
      const { image, bytes } = index.get(imageKey(arch, reference)) ?? { image: referenceText(reference) }
      if (chosen.has(image) || chosen.size >= imagesAtMost || !isWithin(bytes ?? 0, all)) continue
      chosen.set(image, { image, ...(bytes !== undefined && { bytes }) })
      all += bytes ?? 0
    }
  }
  return [...chosen.values()]
}

const isWithin = (bytes: number, before: number): boolean =>
  bytes <= byteBounds.image && before + bytes <= byteBounds.all

const byNeed = (one: NodeWork, other: NodeWork): number =>
  Number(other.hostNetwork) - Number(one.hostNetwork) ||
  compare(one.namespace, other.namespace) ||
  compare(one.name, other.name)

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
