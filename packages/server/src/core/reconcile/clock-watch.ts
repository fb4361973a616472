import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { ApiSight } from '../ports/cluster/api-sight.ts'
import { clockAhead, inClockWords } from '../ports/cluster/cluster-clock.ts'

interface Parts {
  cluster: Pick<ApiSight, 'now'>
  clock: Clock
  log: Logger
}

/** Logs once that the clocks of server and cluster differ, and once that they agree again. */
export class ClockWatch {
  readonly #parts: Parts
  #said = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** True if the clocks agree. */
  look(): boolean {
    const { cluster, clock, log } = this.#parts
    const ahead = clockAhead(clock.now(), cluster.now()) ?? 0
    if (Math.sign(ahead) === Math.sign(this.#said)) return ahead === 0
    if (ahead === 0) log.info('the clocks of this host and of the API server agree again')
    else log.error({ ahead }, `${inClockWords(ahead)}; see joinery status`)
    this.#said = ahead
    return ahead === 0
  }
}
