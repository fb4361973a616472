import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../core/base/budgets.ts'
import { Monotonic } from '../core/base/clock.ts'
import { Log, type Logger } from '../core/base/log.ts'
import type { ServerConfig } from '../core/config/config.ts'
import { Scraping } from '../core/ports/scraping.ts'
import { listenRefusal } from '../front/http/listen-refusals.ts'
import { metricsListener } from '../front/http/metrics/listener.ts'
import { keepTls, metricsTls } from '../front/http/metrics/tls.ts'
import { tokenJudge } from '../front/http/metrics/token.ts'
import { splitAddress } from './split-address.ts'

/** The listener for metrics, as it runs. */
export interface Metrics {
  port: number
  close(): Promise<void>
}

/** Everything that the listener for metrics needs of the server. */
export interface MetricsParts {
  scraping: Scraping
  budgets: Pick<Budgets, 'metrics'>
  monotonic: Monotonic
  log: Logger
}

export const metricsParts = (container: DependencyContainer): MetricsParts => ({
  scraping: container.resolve(Scraping),
  budgets: container.resolve(Budgets),
  monotonic: container.resolve(Monotonic),
  log: container.resolve(Log)
})

/** Starts the listener for metrics. Undefined if the configuration has none. */
export const serveMetrics = async (
  { state, metrics: settings }: Pick<ServerConfig, 'state' | 'metrics'>,
  { scraping, budgets, monotonic, log }: MetricsParts
): Promise<Metrics | undefined> => {
  if (settings === undefined) return undefined
  const readTls = () => metricsTls(state, settings)
  const tls = await readTls()
  const server = metricsListener({
    tls,
    hasToken: settings.tokenFile === undefined ? undefined : await tokenJudge(settings.tokenFile, log, monotonic),
    ...scraping,
    budget: budgets.metrics,
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
