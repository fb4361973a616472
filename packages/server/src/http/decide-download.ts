import type { Budgets } from '../base/budgets.ts'

/** A package on its way to a machine. */
export interface Download {
  /** Group of the address, from `addressGroup`. */
  readonly group: string
}

/**
 * Decides whether one more machine of a group may fetch a package. It may begin, or it is refused, or one of those that are on their
 * way makes room: an address that has one more than it would leave to the other gives its oldest. So nobody who fetches again and
 * again, and reads nothing, takes all places from others.
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
