import type { Clock } from '@joinery/agent/testing/program'

/** However long a sleep is asked for: others get their turn, and so much time. */
const turn = 3

/** A clock that only sleeping moves, as far as was asked for; it keeps what was. Its random is the highest there is. */
export class QuickClock implements Clock {
  readonly slept: number[] = []
  /** Is told when a sleep is over, and may take its time. */
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
