import type { Clock } from '@joinery/server/testing/base'

/** A clock that tests move on, beside its own pace: time passes; or set: only the wall clock shows another time. */
export class TestClock implements Clock {
  readonly #begun = new Date('2026-01-01T00:00:00Z').getTime() - performance.now()
  #passed = 0
  #set = 0
  /** How long the world goes on, which no setting changes. */
  monotonic = (): number => performance.now() + this.#passed
  /** What a clock shows that is right. */
  right = (): Date => new Date(this.#begun + this.monotonic())
  now = (): Date => new Date(this.right().getTime() + this.#set)
  advance = (milliseconds: number): void => {
    this.#passed += milliseconds
  }
  /** It is ahead by so much from now on; behind where that is negative. */
  setAhead = (milliseconds: number): void => {
    this.#set = milliseconds
  }
}
