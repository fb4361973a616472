/** How often what was read is written, at most, while others write it too: as often as client-go's `retry.DefaultRetry` does. */
export const writeTries = 5

/**
 * Does `work`, which reads, judges and writes what it has read; again from its beginning if somebody was faster, a bounded number
 * of times. `isConflict`: of what `work` throws, that it wrote nothing because what it had read is another one by now, or gone.
 */
export const againOnConflict = async <T>(
  work: () => Promise<T>,
  isConflict: (error: unknown) => boolean
): Promise<T> => {
  for (let left = writeTries - 1; ; left -= 1) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !isConflict(error)) throw error
    }
  }
}
