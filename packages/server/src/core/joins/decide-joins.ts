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

/** An approved machine whose claim was told to wait for its turn. */
export interface Waiter {
  id: string
  key: string
  /** When it was approved, or its last attempt failed. */
  since: string
  /** Time of its last claim, by the monotonic clock. */
  heard: number
  /** Time at which it was told to come, by the monotonic clock. Absent since its last claim. */
  woken?: number
  /** The machines that joined at the last look, and how many may. */
  seen: { joining: number; atMost: number }
}

/** Time that a machine has to claim, in milliseconds: it may have to look at itself before. */
export const claimTime = 10 * second

/**
 * True if the machine still waits for its turn. It polls, or has claimed just now, or was told just now to come. A machine that was
 * told to come and does not claim is away, whatever else it asks for, until it claims again.
 */
export const isPresent = ({ heard, woken }: Waiter, polls: boolean, now: number): boolean =>
  (woken === undefined && polls) || now - (woken ?? heard) < claimTime

/** The machines that wait, in the order in which they are served: the one that was approved first comes first. */
export const inLine = <W extends Pick<Waiter, 'id' | 'since'>>(waiters: Iterable<W>): W[] =>
  [...waiters].sort((one, other) => (comesBefore(one, other) ? -1 : 1))

/** True if the machine may join now: there are places for it and for all that wait before it. */
export const hasTurn = (
  own: Pick<Waiter, 'id' | 'since'>,
  present: readonly Pick<Waiter, 'id' | 'since'>[],
  free: number
): boolean => present.filter((other) => other.id !== own.id && comesBefore(other, own)).length < free

const comesBefore = (one: Pick<Waiter, 'id' | 'since'>, other: Pick<Waiter, 'id' | 'since'>): boolean =>
  one.since === other.since ? one.id < other.id : one.since < other.since
