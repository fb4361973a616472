/** Rate of calls: once in `each` milliseconds, and `burst` times at once after a quiet time. */
export interface Rate {
  readonly each: number
  readonly burst: number
}

/**
 * Takes one out of a bucket that is full at `fullAt`, in milliseconds. If absent, the bucket is full now. Returns the
 * time when it is full again, or the time for which there is nothing in it. Nobody waits longer than an empty bucket
 * makes them wait.
 */
export const take = (
  fullAt: number | undefined,
  now: number,
  { each, burst }: Rate
): { fullAt: number } | { wait: number } => {
  const missing = Math.min(Math.max(0, (fullAt ?? now) - now), each * burst)
  const wait = missing + each - each * burst
  return wait > 0 ? { wait } : { fullAt: now + missing + each }
}
