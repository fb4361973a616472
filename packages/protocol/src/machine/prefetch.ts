import Type, { type Static } from 'typebox'
import { longestReference, readReference } from './image-reference.ts'

/** Most images that a machine is told to pull while it waits. */
export const imagesAtMost = 20

/**
 * An image that a machine may pull while it waits for its approval. `bytes` is its size as Nodes report it, which is what a registry
 * sends, compressed.
 */
export const PrefetchImage = Type.Object({
  image: Type.String({ maxLength: longestReference, description: 'reference, by digest if a Node has the image' }),
  bytes: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
})
export type PrefetchImage = Static<typeof PrefetchImage>

/**
 * True if the machines of a code are told which images the nodes of the cluster run. If the code does not say, a code for one machine
 * allows it, and a code for many machines only if it names networks: somebody who finds the code must not learn names of images.
 */
export const allowsPrefetch = ({
  prefetch,
  uses = 1,
  from = []
}: {
  prefetch?: boolean
  uses?: number
  from?: readonly string[]
}): boolean => prefetch ?? (uses === 1 || from.length > 0)

/**
 * The images of an answer that may be pulled, in their order, each once. The answer is taken as hostile: what is no reference is left
 * out, and so is what is more than `imagesAtMost`.
 */
export const readPrefetch = (answer: unknown): PrefetchImage[] => {
  if (!Array.isArray(answer)) return []
  const images = new Map<string, PrefetchImage>()
  for (const one of answer.slice(0, imagesAtMost)) {
    const { image, bytes } = isObject(one) ? one : {}
    if (typeof image !== 'string' || readReference(image) === undefined || images.has(image)) continue
    images.set(image, { image, ...(isCount(bytes) && { bytes }) })
  }
  return [...images.values()]
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
