import { type LogStatus, type ServerStatus, version } from '@joinery/protocol'
import type { KnownServers } from '../../core/leadership/servers.ts'
import type { Scraping } from '../../core/ports/scraping.ts'
import { Meter } from './meter.ts'

/** Sets the numbers of the log. They are absent if this server has its store for itself. */
export const measureLog = (meter: Meter, log: LogStatus | undefined): void => {
  if (log === undefined) return
  meter.set('joinery_log_batches', {}, log.batches)
  meter.set('joinery_log_bytes', { part: 'head' }, log.headBytes)
  meter.set('joinery_log_bytes', { part: 'documents' }, log.bytes)
  meter.set('joinery_log_documents', { state: 'all' }, log.documents)
  meter.set('joinery_log_documents', { state: 'waiting' }, log.waiting)
  meter.set('joinery_log_writable', {}, log.unavailable === undefined ? 1 : 0)
  meter.total('joinery_log_written_bytes_total', {}, log.written)
}

/** Sets the number of servers of this installation, by what they do. None are there if this server has its store for itself. */
export const measureServers = (meter: Meter, servers: readonly ServerStatus[]): void => {
  for (const state of ['active', 'standby', 'away'] as const) {
    meter.set('joinery_servers', { state }, servers.filter((one) => one.state === state).length)
  }
}

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
