import { budgets } from '../budgets.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Logger } from '../log.ts'
import type { Reconciler } from './reconciler.ts'

/** While a machine joins. The watch is what makes an approval quick; this only bounds what a dead watch can cost. */
const busyInterval = 1000

/** By the monotonic clock, as all of it: nobody who sets the wall clock stops what must happen. */
const sweepInterval = 60_000

/**
 * Makes the reconciler pass: at once when nudged or when the cluster changed, each second while a machine joins, and each
 * minute always (the sweep). One pass at a time, and a rest after each: a nudge during the two brings one more, after them.
 */
export class Pacemaker {
  readonly #reconciler: Reconciler
  readonly #log: Logger
  readonly #pause: number
  #running = false
  #again = false
  #sweep = true
  #resting = false
  #rest: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** `pause`: between the end of a pass and the beginning of the next, in milliseconds. */
  constructor(reconciler: Reconciler, log: Logger, pause: number = budgets.passes.rest) {
    this.#reconciler = reconciler
    this.#log = log
    this.#pause = pause
  }

  /** Until `signal` aborts. */
  start(cluster: Cluster, signal: AbortSignal): void {
    const sweep = setInterval(this.#everything, sweepInterval)
    cluster.watch(this.nudge, signal)
    signal.addEventListener('abort', () => {
      this.#stopped = true
      clearTimeout(this.#timer)
      clearTimeout(this.#rest)
      clearInterval(sweep)
    })
    this.nudge()
  }

  readonly nudge = (): void => {
    this.#again = true
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
    this.#again = false
    clearTimeout(this.#timer)
    const sweep = this.#sweep
    this.#sweep = false
    const busy = await this.#pass(sweep)
    this.#running = false
    if (this.#stopped) return
    if (busy) this.#timer = setTimeout(this.nudge, busyInterval)
    this.#resting = true
    this.#rest = setTimeout(() => {
      this.#resting = false
      this.#go()
    }, this.#pause)
  }

  /** True where the next pass is to come soon: a machine joins, or this pass failed. */
  async #pass(sweep: boolean): Promise<boolean> {
    try {
      await this.#reconciler.pass(sweep)
      return await this.#reconciler.busy()
    } catch (error) {
      this.#log.error({ err: error }, 'a pass of the reconciler failed')
      return true
    }
  }
}
