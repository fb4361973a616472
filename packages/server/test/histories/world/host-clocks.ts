import type { Monotonic } from '../../../src/core/base/clock.ts'
import type { Readings } from '../../../src/core/leadership/clocks.ts'

/** Time of the world at its beginning, by a clock that is right. */
export const beginning = Date.parse('2026-03-01T00:00:00Z')

/** The clocks of one host. They stay when a process ends, and when somebody sets them. */
export class HostClocks {
  readonly #world: Monotonic
  #ahead = 0
  #suspended = 0
  #frozen = 0

  constructor(world: Monotonic) {
    this.#world = world
  }

  readonly read = (): Readings => ({
    monotonic: this.#world() - this.#frozen - this.#suspended,
    wall: beginning + this.#world() - this.#frozen + this.#ahead,
    uptime: this.#world() - this.#frozen
  })

  readonly now = (): Date => new Date(this.read().wall)

  readonly monotonic = (): number => this.read().monotonic

  /** Sets the clock with the date so many milliseconds ahead of the right one. */
  set(ahead: number): void {
    this.#ahead = ahead
  }

  /** Lets all clocks stand still for so long from now on, as those of a virtual machine that is stopped. */
  freeze(milliseconds: number): void {
    this.#frozen += milliseconds
  }

  /** Lets the host be suspended for so long from now on: its monotonic clock stands still. */
  suspend(milliseconds: number): void {
    this.#suspended += milliseconds
  }
}
