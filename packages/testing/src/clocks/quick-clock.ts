import type { Clock } from '@joinery/agent/testing/program'
import { shortSleep } from './short-sleep.ts'

/** Others get their turn. */
const turn = shortSleep(3)

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
    await turn(milliseconds, signal)
    this.pass(milliseconds)
    await this.watch()
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
  }
}
