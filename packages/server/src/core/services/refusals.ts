import type { ProblemCode } from '@joinery/protocol'

/** Counts how often each problem was answered to machines since the start. */
export class Refusals {
  readonly #counts = new Map<ProblemCode, number>()

  count(code: ProblemCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1)
  }

  get totals(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
