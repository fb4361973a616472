/** How often: once in `each` milliseconds, and `burst` times at once after a quiet time. */
export interface Rate {
  readonly each: number
  readonly burst: number
}

/**
 * Takes one out of a bucket that is full at `fullAt`, in milliseconds (absent: it is full now). Gives when it is full again,
 * or for how long there is nothing in it. Nobody waits longer than an empty bucket makes him.
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
