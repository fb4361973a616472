import type { Terminal } from './terminal.ts'

/** Milliseconds of the first pause between two looks, and of the longest one. */
const [shortest, longest] = [100, 1000]

/** The clock and the patience of a wait. */
export interface Patience {
  pause: Terminal['pause']
  /** Tells milliseconds. */
  monotonic(): number
}

/**
 * Looks again and again until `look` gives something, for at most `limit` milliseconds. Undefined if it gave nothing in that time.
 */
export const waitUntil = async <T>(
  look: () => Promise<T | undefined>,
  limit: number,
  { pause, monotonic }: Patience
): Promise<T | undefined> => {
  const began = monotonic()
  let paused = 0
  for (let next = shortest; ; next = Math.min(2 * next, longest)) {
    const seen = await look()
    if (seen !== undefined) return seen
    // looks take time too
    if (Math.max(paused, monotonic() - began) >= limit) return undefined
    await pause(next)
    paused += next
  }
}
