import type { Monotonic } from './clock.ts'

/** Time in milliseconds that a value stays good, and that a failure counts as the answer. */
export interface Lifetimes {
  value: number
  failure: number
}

/**
 * Makes `read` cheap for many callers. Callers that ask while a read is under way get the same answer, and so do those
 * that ask before the answer's lifetime ends. A failure is also given again, so that not everybody asks what is out of
 * reach.
 */
export const cached = <T>(read: () => Promise<T>, monotonic: Monotonic, lifetimes: Lifetimes): (() => Promise<T>) => {
  let last: { answer: Promise<T>; until: number } | undefined
  const ask = (): Promise<T> => {
    const answer = read()
    const asked = { answer, until: Number.POSITIVE_INFINITY }
    const keep = (lifetime: number): void => {
      asked.until = monotonic() + lifetime
    }
    answer.then(
      () => keep(lifetimes.value),
      () => keep(lifetimes.failure)
    )
    last = asked
    return answer
  }
  return () => (last !== undefined && monotonic() < last.until ? last.answer : ask())
}

/**
 * Makes `ask` cheap for many callers at once, each of which needs an answer that was asked for after its call. Those that call while an
 * answer is under way share the next one.
 */
export const sharedNext = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let underWay: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | undefined
  return () => {
    next ??= underWay.then(() => {
      next = undefined
      const answer = ask()
      underWay = answer.catch(() => {})
      return answer
    })
    return next
  }
}

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
