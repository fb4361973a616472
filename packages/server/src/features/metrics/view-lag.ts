import type { Monotonic } from '../../core/base/clock.ts'

/** Most enrolments whose last commit is remembered. */
const rememberedAtMost = 10_000

/** Measures how long it takes from the last commit of an enrolment until Kubernetes shows the enrolment. */
export class ViewLag {
  readonly #committed = new Map<string, number>()
  readonly #monotonic: Monotonic

  constructor(monotonic: Monotonic) {
    this.#monotonic = monotonic
  }

  committed(id: string): void {
    this.#committed.delete(id)
    this.#committed.set(id, this.#monotonic())
    const [oldest] = this.#committed.keys()
    if (this.#committed.size > rememberedAtMost && oldest !== undefined) this.#committed.delete(oldest)
  }

  /** Seconds since the last commit of this enrolment, which is shown now. Undefined if it was shown already. */
  shown(id: string): number | undefined {
    const at = this.#committed.get(id)
    this.#committed.delete(id)
    return at === undefined ? undefined : (this.#monotonic() - at) / 1000
  }
}
