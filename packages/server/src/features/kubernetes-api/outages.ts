import { ProblemError } from '@joinery/protocol'
import type { Monotonic } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import { pauseUnserved } from '../../core/ports/cluster/pause-unserved.ts'
import { NotSetUp } from '../../core/ports/objects/not-set-up.ts'

/** Milliseconds until the server asks again a cluster that is not set up for it. */
const setupPause = 10_000

/**
 * The outages of the things that one part does with the API server. It says in the log once that they fail, and once that all of
 * them work again. It is no alert: what is shown is not what counts.
 */
export class Outages<Act extends string> {
  readonly #monotonic: Monotonic
  readonly #log: Logger
  readonly #what: string
  readonly #failing = new Map<Act, { inRow: number; until: number; error: unknown }>()

  /** `what`: what fails, as it stands in the log. */
  constructor(parts: { monotonic: Monotonic; log: Logger }, what: string) {
    this.#monotonic = parts.monotonic
    this.#log = parts.log
    this.#what = what
  }

  /** Milliseconds for which the act must not be tried. */
  pause(act: Act): number {
    return Math.max(0, (this.#failing.get(act)?.until ?? 0) - this.#monotonic())
  }

  /** The failure that only a person ends. Undefined if there is none. */
  get notSetUp(): NotSetUp | undefined {
    return [...this.#failing.values()].map(({ error }) => error).find((error) => error instanceof NotSetUp)
  }

  failed(act: Act, error: unknown): void {
    const { inRow = 0 } = this.#failing.get(act) ?? {}
    const pause = error instanceof NotSetUp ? setupPause : pauseUnserved(inRow + 1, retryAfterOf(error))
    if (this.#failing.size === 0) this.#log.warn(said(error), `${this.#what}; it is tried again`)
    this.#failing.set(act, { inRow: inRow + 1, until: this.#monotonic() + pause, error })
  }

  worked(act: Act): void {
    if (this.#failing.delete(act) && this.#failing.size === 0) this.#log.info('Kubernetes shows the enrolments again')
  }
}

const retryAfterOf = (error: unknown): number => (error instanceof ProblemError ? (error.retryAfter ?? 1) : 1)

const said = (error: unknown): object => (error instanceof ProblemError ? { reason: error.message } : { err: error })
