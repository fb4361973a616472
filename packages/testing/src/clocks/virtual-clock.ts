interface Sleeper {
  at: number
  wake(): void
}

/**
 * A clock that stands still until the test lets it run. Then it jumps from one end of a sleep to the next, and whoever woke has done
 * all that needs no time before the next one wakes. What happens depends on nothing but the code.
 */
export class VirtualClock {
  readonly #settled: () => Promise<void>
  #now = 0
  /** Sleepers in the order in which they wake. */
  readonly #sleepers: Sleeper[] = []

  /** `settled` resolves when all is done that needs no time. By default that is a turn of the event loop. */
  constructor(settled: () => Promise<void> = oneTurn) {
    this.#settled = settled
  }

  monotonic = (): number => this.#now

  sleep = (milliseconds: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const at = this.#now + Math.max(0, milliseconds)
    const place = this.#sleepers.findLastIndex((sleeper) => sleeper.at <= at) + 1
    this.#sleepers.splice(place, 0, { at, wake: resolve })
    return promise
  }

  /** Lets so much time pass. */
  async run(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await this.#settled()
    for (let next = this.#sleepers[0]; next !== undefined && next.at <= end; next = this.#sleepers[0]) {
      this.#sleepers.shift()
      this.#now = next.at
      next.wake()
      await this.#settled()
    }
    this.#now = end
  }

  /** Lets time pass until this is there, and says so. Throws if it takes longer than that. */
  async until<T>(promise: Promise<T>, atMost = 3_600_000): Promise<T> {
    let isThere = false
    const note = (): void => {
      isThere = true
    }
    promise.then(note, note)
    const end = this.#now + atMost
    await this.#settled()
    while (!isThere) {
      const next = this.#sleepers[0]
      if (next === undefined || next.at > end) throw new Error(`nothing came within ${atMost} ms of the test's time`)
      await this.run(next.at - this.#now)
    }
    return promise
  }
}

const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
