import type { AnswerCounts } from '@joinery/kube'
import { second } from '@joinery/protocol'

/** Shortest time between two decisions about the bound, in milliseconds. */
export const boundWindow = 5 * second

/**
 * The bound of machines that join at once, after a time in which the API server gave these answers. It halves if one answer was
 * 429, or more than a tenth were slow: the API server has too much to do. It grows by a quarter for each of `windows` if they were
 * well, up to `most`. Without an answer nothing is known, and it stays. It is never below 1: somebody joins, or nobody would ever see
 * the API server well again.
 */
export const decideBound = (
  bound: number,
  most: number,
  { all, slow, refused }: Readonly<AnswerCounts>,
  windows: number
): number => {
  if (all === 0) return bound
  if (refused > 0 || slow * 10 > all) return Math.max(1, Math.floor(bound / 2))
  let next = bound
  for (let window = 0; window < windows && next < most; window += 1) next += Math.max(1, Math.floor(next / 4))
  return Math.min(most, next)
}
