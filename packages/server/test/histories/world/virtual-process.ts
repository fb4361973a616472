import type { VirtualClock } from '@joinery/testing/clocks/virtual-clock'

/**
 * A process that can be stopped for a while, and killed. It goes on only by a sleep that ends, an answer, or a request that comes, and
 * each of these waits until it runs. What it sent goes its way whatever becomes of it.
 */
export class VirtualProcess {
  isDead = false
  readonly #clock: VirtualClock
  readonly #ended: () => void
  #stoppedUntil = 0

  constructor(clock: VirtualClock, ended: () => void = () => {}) {
    this.#clock = clock
    this.#ended = ended
  }

  /** Stops it for so long, as SIGSTOP does until SIGCONT comes. */
  stop(milliseconds: number): void {
    this.#stoppedUntil = Math.max(this.#stoppedUntil, this.#clock.monotonic() + milliseconds)
  }

  goOn(): void {
    this.#stoppedUntil = 0
  }

  kill(): void {
    if (!this.isDead) this.#ended()
    this.isDead = true
  }

  /** Resolves when the process runs. Never, if it is dead. */
  async runs(): Promise<void> {
    for (let left = this.#left; left > 0 && !this.isDead; left = this.#left)
      await this.#clock.sleep(Math.min(left, 1_000))
    if (this.isDead) await new Promise<never>(() => undefined)
  }

  /** A call of this process: it sends only while it runs, and hears the answer only then. */
  async call<T>(act: () => Promise<T>): Promise<T> {
    await this.runs()
    try {
      return await act()
    } finally {
      await this.runs()
    }
  }

  /** Sleeps for so long, or until the signal aborts. */
  readonly sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    const { promise: aborted, resolve } = Promise.withResolvers<void>()
    const abort = (): void => resolve()
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted !== true) await Promise.race([this.#clock.sleep(milliseconds), aborted])
    signal?.removeEventListener('abort', abort)
    await this.runs()
  }

  get #left(): number {
    return this.#stoppedUntil - this.#clock.monotonic()
  }
}
