import type { Clock } from '@joinery/server/testing/base'

/** Most milliseconds from one look at the clock to the next: a host that stands still for ten seconds lets no deadline pass. */
const longestStep = 1_000

/** A rate counts by differences, which are exact then. */
const wholeMilliseconds = (): number => Math.floor(performance.now())

/**
 * A clock that runs at its own pace, and that tests can hold (it stands still), pass (time goes by) or set (only the wall clock shows
 * another time).
 */
export class TestClock implements Clock {
  #looked = wholeMilliseconds()
  #run = this.#looked
  #isHeld = false
  #passed = 0
  #set = 0
  readonly #begun: number
  constructor(begins = new Date('2026-01-01T00:00:00Z')) {
    this.#begun = begins.getTime() - this.#run
  }
  /** Milliseconds that the world has gone on, which no setting changes. */
  monotonic = (): number => {
    const now = wholeMilliseconds()
    if (!this.#isHeld) this.#run += Math.min(now - this.#looked, longestStep)
    this.#looked = now
    return this.#run + this.#passed
  }
  /** Time that a right clock shows. */
  right = (): Date => new Date(this.#begun + this.monotonic())
  now = (): Date => new Date(this.right().getTime() + this.#set)
  /** Stands still from now on, but for `advance`: a test of a rate counts the same on a slow host. */
  hold = (): void => {
    this.monotonic()
    this.#isHeld = true
  }
  advance = (milliseconds: number): void => {
    this.#passed += milliseconds
  }
  /** Sets the clock ahead by so many milliseconds from now on; behind if negative. */
  setAhead = (milliseconds: number): void => {
    this.#set = milliseconds
  }
}
