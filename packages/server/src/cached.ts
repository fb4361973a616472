import type { Clock } from './clock.ts'

/** In milliseconds, how long a value is good, and how long a failure is taken for an answer. */
export interface Lifetimes {
  value: number
  failure: number
}

/**
 * `read`, made cheap for many: who asks while it is under way gets the same answer, and so does who asks before its time is
 * over. A failure, too, is given again: what is out of reach is not asked by everybody.
 */
export const cached = <T>(read: () => Promise<T>, clock: Clock, lifetimes: Lifetimes): (() => Promise<T>) => {
  let last: { answer: Promise<T>; until: number } | undefined
  const ask = (): Promise<T> => {
    const answer = read()
    const asked = { answer, until: Number.POSITIVE_INFINITY }
    const keep = (lifetime: number): void => {
      asked.until = clock.now().getTime() + lifetime
    }
    answer.then(
      () => keep(lifetimes.value),
      () => keep(lifetimes.failure)
    )
    last = asked
    return answer
  }
  return () => (last !== undefined && clock.now().getTime() < last.until ? last.answer : ask())
}
