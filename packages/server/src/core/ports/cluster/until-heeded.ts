import { setTimeout } from 'node:timers/promises'

/** Milliseconds before each further try. A cache that follows at all does so at once, and many may wait for one that does not. */
const pauses = [250, 500, 1_000, 2_000, 2_000]

/**
 * Does `work` again, for some seconds, while the API server refuses it because it has not heeded yet what it was told just now.
 * A policy reads its parameter from a cache of its own, which follows a write a moment later.
 */
export const untilHeeded = async (
  work: () => Promise<void>,
  isNotHeeded: (error: unknown) => boolean,
  sleep: (milliseconds: number) => Promise<unknown> = setTimeout
): Promise<void> => {
  for (const pause of pauses) {
    try {
      return await work()
    } catch (error) {
      if (!isNotHeeded(error)) throw error
      await sleep(pause)
    }
  }
  return work()
}
