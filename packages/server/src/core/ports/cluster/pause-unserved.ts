import { doublingPause } from '@joinery/host/doubling-pause'
import { second } from '@joinery/protocol'

/** Pauses of our own, if the API server does not say when it can serve again. */
const own = { first: second, most: 30 * second }

/**
 * Milliseconds between a request that the API server could not serve and the next try. The pause is at least as long as the
 * server asks. Our own pause doubles with each such try in a row, up to 30 s. A server that is overloaded, or whose
 * etcd has no leader, does not get better by being asked each second.
 */
export const pauseUnserved = (inRow: number, retryAfter: number): number =>
  Math.max(retryAfter * second, doublingPause(inRow, own))
