import type { Monotonic } from '../clock.ts'
import { type Rate, take } from './token-bucket.ts'

/**
 * A bucket for each key. A full bucket is forgotten, so there are only as many as keys took something recently: a key
 * cannot make more of them than it makes requests. Past `limit` the bucket that was used longest ago is forgotten too.
 * That gives its key more, and takes nothing from any other.
 */
export class Buckets {
  readonly #rate: Rate
  readonly #monotonic: Monotonic
  readonly #limit: number
  /** Time at which each bucket is full, by key. The bucket that was used last is the last. */
  readonly #fullAt = new Map<string, number>()

  constructor(rate: Rate, monotonic: Monotonic, limit: number) {
    this.#rate = rate
    this.#monotonic = monotonic
    this.#limit = limit
  }

  get size(): number {
    return this.#fullAt.size
  }

  /** Takes one for this key. Returns 0, or the milliseconds for which there is none. */
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
