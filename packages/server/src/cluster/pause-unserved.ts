/** Seconds. An API server that does not say when it can serve again is asked so often at least. */
const longestOwn = 30

/**
 * Milliseconds between what the API server could not serve and the next try: as it asks, and twice as long after each such
 * try in a row. A server that is overloaded, or whose etcd has no leader, does not get better by being asked each second.
 */
export const pauseUnserved = (inRow: number, retryAfter: number): number =>
  1000 * Math.max(retryAfter, Math.min(longestOwn, 2 ** (inRow - 1)))
