/**
 * Makes `ask` cheap for many callers at once: those that ask with the same key while the answer is under way share it. The next
 * one asks again.
 */
export const sharedAtOnce = <Key extends [] | [string], T>(
  ask: (...key: Key) => Promise<T>
): ((...key: Key) => Promise<T>) => {
  const underWay = new Map<string | undefined, Promise<T>>()
  return (...key) => {
    const before = underWay.get(key[0])
    if (before !== undefined) return before
    const answer = ask(...key).finally(() => underWay.delete(key[0]))
    underWay.set(key[0], answer)
    return answer
  }
}
