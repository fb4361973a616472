/** Does `work` for each item in turn. A failure does not stop the others. */
export const tryEach = async <R, T>(
  references: readonly R[],
  work: (reference: R) => Promise<T>
): Promise<{ done: T[]; failures: unknown[] }> => {
  const done: T[] = []
  const failures: unknown[] = []
  for (const reference of references) {
    try {
      done.push(await work(reference))
    } catch (error) {
      failures.push(error)
    }
  }
  return { done, failures }
}
