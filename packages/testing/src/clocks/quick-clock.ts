import type { Clock } from '@joinery/agent/testing/program'

/** Longest real sleep in milliseconds, however long it asks for: others get their turn. */
const turn = 3

/**
 * A clock that only sleeping moves, by the time that was asked for. It keeps a record of the sleeps. Its random number
 * is the highest there is.
 */
export class QuickClock implements Clock {
  readonly slept: number[] = []
  /** Called when a sleep is over. It may take its time. */
  watch: () => unknown = () => {}
  #now = 0

  monotonic = (): number => this.#now
  now = (): number => Date.now()
  random = (): number => 1 - Number.EPSILON

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.slept.push(milliseconds)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, turn))
      signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
      if (signal.aborted) resolve()
    })
    this.pass(milliseconds)
    await this.watch()
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
  }
}
