import { hostAndPort, minute } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { Nap } from '../base/nap.ts'
import type { Commits } from '../commit/commits.ts'
import { DailyAlert } from '../commit/daily-alert.ts'
import type { ClusterSettings } from '../ports/cluster/cluster-settings.ts'
import type { FixedFacts } from './fixed-facts.ts'

interface Parts {
  commits: Pick<Commits, 'append'>
  cluster: Pick<ClusterSettings, 'publishedEndpoint'>
  /** Facts that root fixed. Undefined if there are none, or the configuration says the endpoint. */
  fixed: () => Promise<FixedFacts | undefined>
  clock: Clock
  log: Pick<Logger, 'warn'>
}

/** Minutes between two looks. */
const between = 10

/**
 * Compares the endpoint that the cluster says with the one that root fixed. Another one is an alert, one a day: an administrator moved the
 * endpoint, or somebody wants machines elsewhere. It reaches no machine before `setup` runs again.
 */
export class EndpointWatch {
  readonly #parts: Parts
  readonly #alert: DailyAlert

  constructor(parts: Parts) {
    this.#parts = parts
    this.#alert = new DailyAlert(
      parts,
      'endpoint-changed',
      (_, said) => `the cluster says another endpoint of its API: ${said}`
    )
  }

  /** Looks until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const nap = new Nap()
    // a nap is a minute at most
    for (let minutes = 1; ; minutes += 1) {
      await nap.sleep(minute, signal)
      if (signal.aborted) return
      if (minutes % between === 0) await this.look()
    }
  }

  /** Looks once. A cluster that does not answer is looked at again later. */
  async look(): Promise<void> {
    const { cluster, fixed, log } = this.#parts
    try {
      const [facts, published] = [await fixed(), await cluster.publishedEndpoint()]
      if (facts === undefined || published === undefined) return
      const said = hostAndPort(published)
      if (said === facts.apiEndpoint) return
      await this.#alert.tell(said, `${said}, and machines get ${facts.apiEndpoint}, which setup fixed`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.warn({ reason }, 'the endpoint that the cluster says could not be compared')
    }
  }
}
