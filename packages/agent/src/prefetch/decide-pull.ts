import { doublingPause } from '@joinery/host/doubling-pause'
import { minute, type PrefetchImage, second } from '@joinery/protocol'
import type { Space } from '../host/host.ts'

/** Failures of one image after which it is left to the kubelet. */
export const failuresAtMost = 5

/** Share of the disk, and of its inodes, that may be in use after a pull. Preflight wants a fifth to be free, and the node has to live. */
export const usedAtMost = 0.7

/** Bytes that an image needs on the disk for each byte that the registry sends: that byte itself, and what it unpacks to. */
const unpacked = 4

/** Bytes on the disk that are set aside for an image whose size nobody knows. */
const unknownSize = 512 * 2 ** 20

export interface Pulls {
  /** The images that are wanted, in their order. */
  images: readonly PrefetchImage[]
  here: ReadonlySet<string>
  failed: ReadonlyMap<string, Failed>
  /** Space on the disk of the images. Undefined if nobody knows it. */
  space: Space | undefined
  /** Monotonic milliseconds. */
  now: number
}

export interface Failed {
  count: number
  /** Time from which the image may be tried again. */
  next: number
}

/** The image to pull next, or the milliseconds until one may be tried again, or `done`: nothing is left to do for now. */
export type NextPull = { pull: PrefetchImage } | { wait: number } | 'done'

/** The next thing to do about the images. An image that would fill the disk is passed over, and so is one that failed too often. Pure. */
export const decidePull = (pulls: Pulls): NextPull => {
  const { failed, now } = pulls
  const left = wanted(pulls).filter((image) => fits(pulls, image))
  const due = ({ image }: PrefetchImage): number => failed.get(image)?.next ?? now
  const ready = left.find((image) => due(image) <= now)
  if (ready !== undefined) return { pull: ready }
  return left.length === 0 ? 'done' : { wait: Math.min(...left.map(due)) - now }
}

/** The images that are passed over, since the disk would be too full with them. Pure. */
export const withoutRoom = (pulls: Pulls): PrefetchImage[] => wanted(pulls).filter((image) => !fits(pulls, image))

const wanted = ({ images, here, failed }: Pulls): PrefetchImage[] =>
  images.filter(({ image }) => !here.has(image) && (failed.get(image)?.count ?? 0) < failuresAtMost)

const fits = ({ space }: Pulls, { bytes }: PrefetchImage): boolean => hasRoom(space, bytesOnDisk(bytes))

const bytesOnDisk = (bytes: number | undefined): number => (bytes === undefined ? unknownSize : bytes * unpacked)

/** True if the disk may take this many bytes more. A disk of which nobody knows anything may not. */
export const hasRoom = (space: Space | undefined, more: number): boolean => {
  if (space === undefined) return false
  const { free, total, freeInodes, totalInodes } = space
  // btrfs counts no inodes
  const inodes = totalInodes === 0 ? 0 : 1 - freeInodes / totalInodes
  return total - free + more <= usedAtMost * total && inodes <= usedAtMost
}

/**
 * Milliseconds to wait after an image failed `count` times: up to half a minute after the first, twice as long each time, ten minutes at
 * most. At least half of it is waited, since many machines ask one registry. `random` is in [0, 1).
 */
export const pauseAfterFailure = (count: number, random: number): number =>
  doublingPause(count, { first: 30 * second, most: 10 * minute }) * (0.5 + random / 2)
