import type { DependencyContainer } from 'tsyringe'
import { Clock, Monotonic } from '../../core/base/clock.ts'
import { also, ifThere, once } from '../../core/base/parts.ts'
import { RateMeter } from '../../core/base/rates/call-rates.ts'
import { Worker } from '../../core/base/worker.ts'
import { CommitMeter, Follower } from '../../core/commit/commits.ts'
import { PollMeter, Waiting } from '../../core/commit/waiting.ts'
import { common } from '../../core/common.ts'
import { Joins } from '../../core/joins/joins.ts'
import { KnownServers } from '../../core/leadership/servers.ts'
import { SharedState } from '../../core/leadership/shared-state.ts'
import { ConnectionMeter, Connections } from '../../core/ports/connections.ts'
import { Metered } from '../../core/ports/metered.ts'
import { NoticeCounts } from '../../core/ports/notice-counts.ts'
import { Scraping } from '../../core/ports/scraping.ts'
import { Counts } from '../../core/ports/store/counts.ts'
import { Store } from '../../core/ports/store/store.ts'
import { PassMeter } from '../../core/reconcile/pacemaker.ts'
import { Reconciler } from '../../core/reconcile/reconciler.ts'
import { OutcomeMeter } from '../../core/services/agent/reports.ts'
import { Refusals } from '../../core/services/refusals.ts'
import { UnknownFields } from '../../core/services/unknown-fields.ts'
import { Counting } from './counting.ts'
import { Scrape } from './scrape.ts'

export { standbyMetrics } from './measure-log.ts'

/** Counts what happens, by ports that the other parts own, and gives it to whoever scrapes. */
export const metrics = (container: DependencyContainer): void => {
  once(
    container,
    Counting,
    (c) => new Counting({ clock: c.resolve(Clock), monotonic: c.resolve(Monotonic), store: () => c.resolve(Store) })
  )
  once(container, Metered, (c) => c.resolve(Counting))
  once(container, PollMeter, (c) => c.resolve(Counting).ports.polls)
  once(container, RateMeter, (c) => c.resolve(Counting).ports.rates)
  once(container, PassMeter, (c) => c.resolve(Counting).ports.passes)
  once(container, OutcomeMeter, (c) => c.resolve(Counting).ports.outcomes)
  once(container, ConnectionMeter, (c) => c.resolve(Counting).ports.door)
  once(container, CommitMeter, (c) => c.resolve(Counting).ports.commits)
  also(container, Follower, (c) => c.resolve(Counting))
  once(
    container,
    Scrape,
    (c) =>
      new Scrape({
        ...common(c),
        counts: c.resolve(Counts),
        meter: c.resolve(Counting).meter,
        followed: c.resolve(Counting).followed,
        monotonic: c.resolve(Monotonic),
        nodes: () => c.resolve(Reconciler).nodes,
        refusals: c.resolve(Refusals),
        unknownFields: c.resolve(UnknownFields),
        waiting: c.resolve(Waiting),
        joins: c.resolve(Joins),
        connections: () => c.resolve(Connections).size,
        receivers: async () => (await ifThere(c, NoticeCounts)?.()) ?? [],
        servers: c.resolve(KnownServers),
        shared: ifThere(c, SharedState)
      })
  )
  once(container, Scraping, (c) => ({
    scrape: () => c.resolve(Scrape).answer(),
    answered: (status) => c.resolve(Counting).meter.count('joinery_metrics_requests_total', { status })
  }))
  also(container, Worker, (c) => ({
    start: async (stop) => stop.addEventListener('abort', () => c.resolve(Scrape).stop())
  }))
}
