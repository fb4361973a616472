import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../base/budgets.ts'
import { Monotonic } from '../base/clock.ts'
import { Log } from '../base/log.ts'
import type { ServerConfig } from '../config/config.ts'
import { listenRefusal } from '../http/listen-refusals.ts'
import { metricsListener } from '../http/metrics/listener.ts'
import { keepTls, metricsTls } from '../http/metrics/tls.ts'
import { tokenJudge } from '../http/metrics/token.ts'
import { Counting } from '../metrics/counting.ts'
import { Scrape } from '../metrics/scrape.ts'
import { splitAddress } from './split-address.ts'

/** The listener for metrics, as it runs. */
export interface Metrics {
  port: number
  close(): Promise<void>
}

/** Starts the listener for metrics. Undefined if the configuration has none. */
export const serveMetrics = async (
  container: DependencyContainer,
  { state, metrics: settings }: Pick<ServerConfig, 'state' | 'metrics'>
): Promise<Metrics | undefined> => {
  if (settings === undefined) return undefined
  const [log, monotonic] = [container.resolve(Log), container.resolve(Monotonic)]
  const { meter } = container.resolve(Counting)
  const scrape = container.resolve(Scrape)
  const readTls = () => metricsTls(state, settings)
  const tls = await readTls()
  const server = metricsListener({
    tls,
    hasToken: settings.tokenFile === undefined ? undefined : await tokenJudge(settings.tokenFile, log, monotonic),
    scrape: () => scrape.answer(),
    answered: (status) => meter.count('joinery_metrics_requests_total', { status }),
    budget: container.resolve(Budgets).metrics,
    monotonic,
    log
  })
  server.listen(splitAddress(settings.listen))
  await once(server, 'listening').catch((error) => {
    throw listenRefusal(error, settings.listen, 'metrics.listen')
  })
  const kept = keepTls({ server, tls, read: readTls, log, timers: { setInterval, clearInterval } })
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      kept.stop()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}
