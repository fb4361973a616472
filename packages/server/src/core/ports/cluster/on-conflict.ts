/** Most times that an object is read and written while others write it too: as many as in client-go's `retry.DefaultRetry`. */
export const writeTries = 5

/**
 * Does `work`, which reads, judges and writes. Starts `work` again if somebody was faster, a bounded number of times.
 * `isConflict`: true of an error by which `work` wrote nothing, because the object that it had read has changed or is gone.
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
