import { setTimeout } from 'node:timers/promises'

const pause = 250
const tries = 20

/**
 * Does `work` again, for some seconds, while the API server refuses it because it has not heeded yet what it was told just now.
 * A policy reads its parameter from a cache of its own, which follows a write a moment later.
 */
export const untilHeeded = async (
  work: () => Promise<void>,
  isNotHeeded: (error: unknown) => boolean
): Promise<void> => {
  for (let left = tries; ; left -= 1) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !isNotHeeded(error)) throw error
      await setTimeout(pause)
    }
  }
}
