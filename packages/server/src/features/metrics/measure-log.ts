import type { LogStatus, ServerStatus } from '@joinery/protocol'
import type { Meter } from './meter.ts'

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
