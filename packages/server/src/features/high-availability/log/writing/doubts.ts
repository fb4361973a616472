import type { Monotonic } from '../../../../core/base/clock.ts'

/** Names of documents that somebody's late request may still create or write. What is over is forgotten. */
export class Doubts {
  /** Times until which there is doubt. The one that lasts longest is the last. */
  readonly #untils = new Map<string, number>()
  readonly #monotonic: Monotonic
  readonly #late: number

  /** `late`: milliseconds for which a request may come late. */
  constructor(monotonic: Monotonic, late: number) {
    this.#monotonic = monotonic
    this.#late = late
  }

  get size(): number {
    return this.#untils.size
  }

  add(name: string): void {
    this.#forget()
    this.#untils.delete(name)
    this.#untils.set(name, this.#monotonic() + this.#late)
  }

  /** Time until which there is doubt about this name. Undefined if there is none. */
  until(name: string): number | undefined {
    this.#forget()
    return this.#untils.get(name)
  }

  #forget(): void {
    for (const [name, until] of this.#untils) {
      if (until > this.#monotonic()) return
      this.#untils.delete(name)
    }
  }
}
