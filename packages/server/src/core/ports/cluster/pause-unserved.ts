/** Longest pause in seconds, if the API server does not say when it can serve again. */
const longestOwn = 30

/**
 * Milliseconds between a request that the API server could not serve and the next try. The pause is at least as long as the
 * server asks. Our own pause doubles with each such try in a row, up to `longestOwn`. A server that is overloaded, or whose
 * etcd has no leader, does not get better by being asked each second.
 */
export const pauseUnserved = (inRow: number, retryAfter: number): number =>
  1000 * Math.max(retryAfter, Math.min(longestOwn, 2 ** (inRow - 1)))
