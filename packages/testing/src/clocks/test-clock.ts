import type { Clock } from '@joinery/server/testing/base'

/**
 * A clock that runs at its own pace, and that tests can hold (it stands still), pass (time goes by) or set (only the wall clock shows
 * another time).
 */
export class TestClock implements Clock {
  readonly #begun = new Date('2026-01-01T00:00:00Z').getTime() - performance.now()
  #held: number | undefined
  #passed = 0
  #set = 0
  /** Milliseconds that the world has gone on, which no setting changes. */
  monotonic = (): number => (this.#held ?? performance.now()) + this.#passed
  /** Time that a right clock shows. */
  right = (): Date => new Date(this.#begun + this.monotonic())
  now = (): Date => new Date(this.right().getTime() + this.#set)
  /** Stands still from now on, but for `advance`: a test of a rate counts the same on a slow host. */
  hold = (): void => {
    this.#held = performance.now()
  }
  advance = (milliseconds: number): void => {
    this.#passed += milliseconds
  }
  /** Sets the clock ahead by so many milliseconds from now on; behind if negative. */
  setAhead = (milliseconds: number): void => {
    this.#set = milliseconds
  }
}
