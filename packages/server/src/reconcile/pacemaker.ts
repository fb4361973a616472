import { schedule } from 'node-cron'
import type { Cluster } from '../cluster/cluster.ts'
import type { Logger } from '../log.ts'
import type { Reconciler } from './reconciler.ts'

/** While a machine joins. The watch is what makes an approval quick; this only bounds what a dead watch can cost. */
const busyInterval = 1000

/**
 * Makes the reconciler pass: at once when nudged or when the cluster changed, each second while a machine joins, and each
 * minute always (the sweep). One pass at a time; a nudge during a pass brings one more.
 */
export class Pacemaker {
  readonly #reconciler: Reconciler
  readonly #log: Logger
  #running = false
  #again = false
  #sweep = true
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(reconciler: Reconciler, log: Logger) {
    this.#reconciler = reconciler
    this.#log = log
  }

  /** Until `signal` aborts. */
  start(cluster: Cluster, signal: AbortSignal): void {
    const sweep = schedule('* * * * *', this.#everything, { name: 'sweep' })
    cluster.watch(this.nudge, signal)
    signal.addEventListener('abort', () => {
      this.#stopped = true
      clearTimeout(this.#timer)
      void sweep.destroy()
    })
    this.nudge()
  }

  readonly nudge = (): void => {
    this.#again = true
    if (!this.#running && !this.#stopped) void this.#run()
  }

  readonly #everything = (): void => {
    this.#sweep = true
    this.nudge()
  }

  async #run(): Promise<void> {
    this.#running = true
    clearTimeout(this.#timer)
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false
        const sweep = this.#sweep
        this.#sweep = false
        await this.#reconciler.pass(sweep)
      }
      if (!this.#stopped && (await this.#reconciler.busy())) this.#timer = setTimeout(this.nudge, busyInterval)
    } catch (error) {
      this.#log.error({ err: error }, 'a pass of the reconciler failed')
      this.#timer = setTimeout(this.nudge, busyInterval)
    } finally {
      this.#running = false
      // it came while `busy` was asked
      if (this.#again) this.nudge()
    }
  }
}
