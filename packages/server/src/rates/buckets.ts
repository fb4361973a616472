import type { Monotonic } from '../base/clock.ts'
import { type Rate, take } from './token-bucket.ts'

/**
 * A bucket for each key. One that is full is forgotten, so there are as many as keys took something of late: a key cannot
 * make more of them than it makes requests. Past `limit` the one that was used longest ago is forgotten too, which gives its
 * key more and takes nothing from any other.
 */
export class Buckets {
  readonly #rate: Rate
  readonly #monotonic: Monotonic
  readonly #limit: number
  /** The one that was used last is the last. */
  readonly #fullAt = new Map<string, number>()

  constructor(rate: Rate, monotonic: Monotonic, limit: number) {
    this.#rate = rate
    this.#monotonic = monotonic
    this.#limit = limit
  }

  get size(): number {
    return this.#fullAt.size
  }

  /** Takes one for this key: 0, or for how many milliseconds there is none. */
  take(key: string): number {
    const now = this.#monotonic()
    const taken = take(this.#fullAt.get(key), now, this.#rate)
    if ('wait' in taken) return taken.wait
    this.#fullAt.delete(key)
    this.#fullAt.set(key, taken.fullAt)
    this.#forget(now)
    return 0
  }

  #forget(now: number): void {
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt > now && this.#fullAt.size <= this.#limit) return
      this.#fullAt.delete(key)
    }
  }
}
