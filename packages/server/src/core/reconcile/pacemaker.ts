import type { InjectionToken } from 'tsyringe'
import { budgets } from '../base/budgets.ts'
import { type Monotonic, systemMonotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { ApiSight } from '../ports/cluster/api-sight.ts'
import { pauseUnserved } from '../ports/cluster/pause-unserved.ts'
import type { Reconciler } from './reconciler.ts'

/**
 * Milliseconds between passes while a machine joins. The watch makes an approval quick; this only bounds what a dead watch can
 * cost.
 */
const busyInterval = 1000

/**
 * Milliseconds between sweeps. All timers here go by the monotonic clock: nobody who sets the wall clock stops what must
 * happen.
 */
const sweepInterval = 60_000

/** Rests after a pass, in milliseconds: `rest` is always kept, `idleRest` while no machine joins. `sweep`: from one sweep to the next. */
export type Rests = typeof budgets.passes & { sweep?: number }

/** Hears of each pass. */
export interface PassMeter {
  passed(pass: Passed): void
}
export const PassMeter = Symbol('PassMeter') as InjectionToken<PassMeter>

export interface Passed {
  sweep: boolean
  /** `cluster`: the API server did not answer, or refused something. `error`: a fault of the server itself. */
  outcome: 'ok' | 'cluster' | 'error'
  /** Milliseconds from the first wish for the pass to its beginning. */
  delay: number
  /** Milliseconds from its beginning to its end. */
  duration: number
}

/** Parts that a pacemaker can do without. */
interface Watching {
  meter?: PassMeter
  monotonic?: Monotonic
}

/**
 * Makes the reconciler pass: when nudged, when the cluster shows what the last pass has not seen, each second while a machine
 * joins, and each minute always (the sweep). There is one pass at a time, and a rest after each. The rest is longer while no
 * machine joins, and still longer after a pass that the API server could not serve. A nudge during pass or rest brings one more
 * pass, after them.
 */
export class Pacemaker {
  readonly #reconciler: Reconciler
  readonly #log: Logger
  readonly #pause: number
  readonly #idlePause: number
  readonly #sweepInterval: number
  #running = false
  #again = false
  #sweep = true
  #resting = false
  /** Passes in a row that the API server could not serve. */
  #unserved = 0
  /** Milliseconds for which the API server must be left alone after the last pass. */
  #alone = 0
  /** Timer of the long rest while no machine joins. Undefined if that rest is over. */
  #idle: NodeJS.Timeout | undefined
  #rest: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #signal: AbortSignal | undefined
  readonly #ended = Promise.withResolvers<void>()
  readonly #meter: PassMeter | undefined
  readonly #monotonic: Monotonic
  /** Time at which somebody first asked for the next pass. Undefined if nobody has. */
  #wished: number | undefined

  /** A rest lies between the end of a pass and the beginning of the next, in milliseconds. */
  constructor(
    reconciler: Reconciler,
    log: Logger,
    { rest, idleRest, sweep = sweepInterval }: Rests = budgets.passes,
    { meter, monotonic = systemMonotonic }: Watching = {}
  ) {
    this.#reconciler = reconciler
    this.#log = log
    this.#pause = rest
    this.#idlePause = idleRest
    this.#sweepInterval = sweep
    this.#meter = meter
    this.#monotonic = monotonic
  }

  /** Runs until `signal` aborts. Resolves when no pass is under way any more. */
  start(cluster: Pick<ApiSight, 'watch'>, signal: AbortSignal): Promise<void> {
    this.#signal = signal
    const sweep = setInterval(this.#everything, this.#sweepInterval)
    cluster.watch((node) => {
      if (node === undefined || this.#reconciler.isNews(node)) this.nudge()
    }, signal)
    signal.addEventListener('abort', () => {
      this.#stopped = true
      clearTimeout(this.#timer)
      clearTimeout(this.#rest)
      clearTimeout(this.#idle)
      clearInterval(sweep)
      if (!this.#running) this.#ended.resolve()
    })
    this.nudge()
    return this.#ended.promise
  }

  readonly nudge = (): void => {
    this.#again = true
    this.#wished ??= this.#monotonic()
    this.#go()
  }

  readonly #everything = (): void => {
    this.#sweep = true
    this.nudge()
  }

  #go(): void {
    if (this.#again && !this.#running && !this.#resting && !this.#stopped) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    if ((await this.#isDue()) && !this.#stopped) await this.#passOnce()
    this.#running = false
    if (this.#stopped) return this.#ended.resolve()
    this.#resting = true
    this.#rest = setTimeout(
      () => {
        this.#resting = false
        this.#go()
      },
      Math.max(this.#pause, this.#alone)
    )
  }

  /** True if a pass is due. A machine that has begun to join since the last pass must not wait. */
  async #isDue(): Promise<boolean> {
    if (this.#sweep || this.#idle === undefined) return true
    const busy = await this.#reconciler.busy().catch(() => true)
    return busy || this.#idle === undefined
  }

  async #passOnce(): Promise<void> {
    this.#again = false
    clearTimeout(this.#timer)
    clearTimeout(this.#idle)
    this.#idle = undefined
    const sweep = this.#sweep
    this.#sweep = false
    const busy = await this.#pass(sweep)
    if (this.#stopped) return
    this.#heed(this.#reconciler.outage?.retryAfter)
    if (busy) this.#timer = setTimeout(this.nudge, busyInterval)
    else {
      this.#idle = setTimeout(
        () => {
          this.#idle = undefined
          // that rest may be the one after a look for machines that join
          clearTimeout(this.#rest)
          this.#resting = false
          this.#go()
        },
        Math.max(this.#idlePause, this.#alone)
      )
    }
  }

  /**
   * Sets the pause after a pass. `retryAfter`: seconds after which the API server can serve again, if it could not serve the
   * last pass.
   */
  #heed(retryAfter: number | undefined): void {
    this.#unserved = retryAfter === undefined ? 0 : this.#unserved + 1
    this.#alone = retryAfter === undefined ? 0 : pauseUnserved(this.#unserved, retryAfter)
  }

  /** True if the next pass must come soon: a machine joins, or this pass failed. */
  async #pass(sweep: boolean): Promise<boolean> {
    const begun = this.#monotonic()
    const delay = begun - (this.#wished ?? begun)
    this.#wished = undefined
    let outcome: Passed['outcome'] = 'error'
    try {
      await this.#reconciler.pass(sweep, this.#signal)
      outcome = this.#reconciler.outage === undefined ? 'ok' : 'cluster'
      return !this.#stopped && (await this.#reconciler.busy())
    } catch (error) {
      this.#log.error({ err: error }, 'a pass of the reconciler failed')
      return true
    } finally {
      this.#meter?.passed({ sweep, outcome, delay, duration: this.#monotonic() - begun })
    }
  }
}
