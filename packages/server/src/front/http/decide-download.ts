import type { Budgets } from '../../core/base/budgets.ts'

/** A package on its way to a machine. */
export interface Download {
  /** Group of the address, from `addressGroup`. */
  readonly group: string
}

/**
 * Decides whether one more machine of a group may fetch a package. It may begin, or it is refused, or another one makes room. If all
 * places are taken, the address that has most of them gives up its oldest one, if it still has no fewer than the newcomer's then. So
 * nobody takes all places from others, and no place goes to and fro.
 */
export const decideDownload = <D extends Download>(
  running: readonly D[],
  group: string,
  { all, ofAddress }: Pick<Budgets['packages'], 'all' | 'ofAddress'>
): 'begin' | 'refuse' | { makesRoom: D } => {
  const groups = Map.groupBy(running, (one) => one.group)
  const own = groups.get(group)?.length ?? 0
  if (own >= ofAddress) return 'refuse'
  if (running.length < all) return 'begin'
  const [most = []] = [...groups.values()].sort((one, other) => other.length - one.length)
  const [oldest] = most
  return oldest !== undefined && most.length > own + 1 ? { makesRoom: oldest } : 'refuse'
}
