import type { Monotonic } from './clock.ts'

/** In milliseconds, how long a value is good, and how long a failure is taken for an answer. */
export interface Lifetimes {
  value: number
  failure: number
}

/**
 * `read`, made cheap for many: who asks while it is under way gets the same answer, and so does who asks before its time is
 * over. A failure, too, is given again: what is out of reach is not asked by everybody.
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
