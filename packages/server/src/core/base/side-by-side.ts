/**
 * Does `work` on each thing, on at most `width` things at a time. If one fails, it begins no other, waits for those
 * that have begun, and then throws the first error: nothing goes on behind the caller's back.
 */
export const sideBySide = async <T>(
  things: Iterable<T>,
  width: number,
  work: (thing: T) => Promise<void>
): Promise<void> => {
  const left = [...things].values()
  const failures: unknown[] = []
  const lane = async (): Promise<void> => {
    for (const thing of left) {
      await work(thing).catch((error: unknown) => failures.push(error))
      if (failures.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
  if (failures.length > 0) throw failures[0]
}
