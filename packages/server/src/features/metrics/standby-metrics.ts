import { version } from '@joinery/protocol'
import type { KnownServers } from '../../core/leadership/servers.ts'
import type { Scraping } from '../../core/ports/scraping.ts'
import { measureServers } from './measure-log.ts'
import { Meter } from './meter.ts'

/** The scrape of a server that stands by. Most numbers are the active one's alone. */
export const standbyMetrics = (servers: Pick<KnownServers, 'list'>): Scraping => {
  const meter = new Meter()
  return {
    scrape: async () => {
      meter.set('joinery_build_info', { version, node: process.version }, 1)
      meter.set('process_start_time_seconds', {}, performance.timeOrigin / 1000)
      meter.set('process_resident_memory_bytes', {}, process.memoryUsage.rss())
      meter.set('joinery_server_active', {}, 0)
      measureServers(meter, servers.list())
      return meter.render()
    },
    answered: (status) => meter.count('joinery_metrics_requests_total', { status })
  }
}
