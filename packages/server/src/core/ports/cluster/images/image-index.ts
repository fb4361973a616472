import { type ImageReference, readReference, referenceText } from '@joinery/protocol'
import type { NodeImages } from './image-sight.ts'

/** An image that Nodes have: its reference by digest, and its size in bytes. */
export interface KnownImage {
  image: string
  bytes: number
}

/** The images that Nodes of each architecture have, by `imageKey`. */
export type ImageIndex = ReadonlyMap<string, KnownImage>

export const imageKey = (arch: string, reference: ImageReference): string => `${arch} ${referenceText(reference)}`

/**
 * Finds the digest of each image that Nodes have. Each Node has one voice about what a tag is, and the digest with most voices counts;
 * of two with as many, the first in the alphabet. A digest counts only for the repository that the tag is in: a Node that lies leads
 * nobody to another registry. The size is the least that a Node gives, for the machine watches its disk itself.
 */
export const indexImages = (nodes: readonly NodeImages[]): ImageIndex => {
  const voices = new Map<string, Map<string, { count: number; bytes: number }>>()
  for (const { arch, images } of nodes) {
    for (const [key, { image, bytes }] of saidBy(arch, images)) {
      const said = voices.get(key) ?? new Map<string, { count: number; bytes: number }>()
      const before = said.get(image)
      said.set(image, { count: (before?.count ?? 0) + 1, bytes: Math.min(before?.bytes ?? bytes, bytes) })
      voices.set(key, said)
    }
  }
  return new Map([...voices].map(([key, said]) => [key, loudest(said)]))
}

/** The words of one Node about each reference, once each. */
const saidBy = (arch: string, images: NodeImages['images']): Map<string, KnownImage> => {
  const said = new Map<string, KnownImage>()
  for (const { names, bytes } of images) {
    if (!Number.isSafeInteger(bytes) || bytes < 0) continue
    const references = names.flatMap((name) => readReference(name) ?? [])
    const digests = references.filter(({ digest }) => digest !== undefined)
    for (const reference of references) {
      const by = digests.find(({ repository }) => repository === reference.repository)
      const exact = reference.digest === undefined ? by : reference
      const key = imageKey(arch, reference)
      if (exact !== undefined && !said.has(key)) said.set(key, { image: referenceText(exact), bytes })
    }
  }
  return said
}

const loudest = (said: ReadonlyMap<string, { count: number; bytes: number }>): KnownImage => {
  const [first] = [...said].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1))
  const [image, { bytes }] = first as [string, { count: number; bytes: number }]
  return { image, bytes }
}
