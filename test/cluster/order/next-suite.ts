import type { Suite } from './suites.ts'

/** Beds that fit on one host: `placesOf` in `bed/place.ts` has two. */
const beds = 2

/** Emulated processors that two cores bear. With more, kubeadm itself gives up. */
const bearable = 3

/** The suite that may start now beside those that run: the first of those left that fits. Undefined if one must end before. */
export const nextSuite = (left: readonly Suite[], running: readonly Suite[]): Suite | undefined => {
  if (running.length >= beds) return undefined
  const used = running.reduce((sum, { processors }) => sum + processors, 0)
  return left.find(({ processors }) => used + processors <= bearable)
}
