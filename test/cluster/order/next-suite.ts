import type { Suite } from './suites.ts'

/** Beds that fit on one host: `placesOf` in `bed/place.ts` has two. */
const beds = 2

/** Emulated processors that two cores bear. With more, kubeadm itself gives up. */
const bearable = 3

/** Time that there is for all suites, and how this host does. All times are in seconds. */
export interface Pace {
  within: number
  elapsed: number
  /** How much longer suites take here than they usually do. */
  slowness: number
}

/**
 * The suite that may start now beside those that run: the longest of those left that fits, and that will probably end in time. Undefined if
 * one must end before, or if none fits any more.
 */
export const nextSuite = (left: readonly Suite[], running: readonly Suite[], pace: Pace): Suite | undefined => {
  if (running.length >= beds) return undefined
  const used = running.reduce((sum, { processors }) => sum + processors, 0)
  const { within, elapsed, slowness } = pace
  return left
    .filter(({ processors, seconds }) => used + processors <= bearable && elapsed + seconds * slowness <= within)
    .toSorted((one, other) => other.seconds - one.seconds)[0]
}

/** Time that these suites take on a usual host, one after the other, in seconds. */
export const usualTime = (some: readonly Suite[]): number => some.reduce((sum, { seconds }) => sum + seconds, 0)

/** How much longer these suites took than they usually do, all in all. A host is never taken for a fast one. */
export const slownessOf = (ended: readonly { suite: Suite; took: number }[]): number => {
  const usual = usualTime(ended.map(({ suite }) => suite))
  const took = ended.reduce((sum, one) => sum + one.took, 0)
  return usual === 0 ? 1 : Math.max(1, took / usual)
}
