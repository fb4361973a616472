import { randomBytes, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext, type Server } from 'node:tls'
import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import { systemFailure } from '@joinery/host/text/failure'
import type { Timers } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import type { MetricsConfig } from '../../../core/config/metrics-config.ts'

/** TLS of the listener for metrics. `ca`: that of the clients, if any client certificate is let in. */
export interface MetricsTls {
  key: string
  cert: string
  ca?: string
  minVersion: 'TLSv1.3'
}

type Files = Pick<MetricsConfig, 'certificate' | 'key' | 'clientCa'>

/** Time between two looks at the files, in milliseconds. */
const lookEvery = 60_000

/**
 * Reads TLS from the files of the configuration, or from the state folder, where the agents' listener keeps its certificate new. Throws
 * if a file cannot be read, or if it is not what it must be.
 */
export const metricsTls = async (state: string, { certificate, key, clientCa }: Files): Promise<MetricsTls> => {
  const own = (name: string) => join(state, name)
  const [cert, authority] =
    certificate === undefined
      ? [await read('certificate', own('tls.crt')), await read('certificate', own('ca.crt'))]
      : [await read('certificate', certificate), '']
  const tls: MetricsTls = {
    key: await read('key', key ?? own('tls.key')),
    cert: [cert, authority].filter(Boolean).join('\n'),
    ...(clientCa !== undefined && { ca: await read('clientCa', clientCa) }),
    minVersion: 'TLSv1.3'
  }
  try {
    createSecureContext(tls)
    // OpenSSL takes a text without any certificate for a CA that lets nobody in
    if (tls.ca !== undefined) requireCertificates(tls.ca)
  } catch (error) {
    const files = [certificate, key, clientCa].filter((file) => file !== undefined).join(', ')
    // OpenSSL's words name no part of a key
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandEnd(commonCodes.failure, `metrics: TLS cannot be used (${why}): ${files || state}`)
  }
  return tls
}

const requireCertificates = (pem: string): void => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new Error('there is no certificate in the file of clientCa')
  for (const block of blocks) new X509Certificate(block)
}

const read = async (setting: keyof Files, file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    const { cause } = systemFailure(error) ?? { cause: `${file} cannot be read` }
    throw new CommandEnd(commonCodes.failure, `metrics.${setting}: ${cause}`, `let the server's user read it: ${file}`)
  })

interface KeptTls {
  server: Pick<Server, 'setSecureContext' | 'setTicketKeys'>
  /** TLS that the listener serves at the start. */
  tls: MetricsTls
  read: () => Promise<MetricsTls>
  log: Logger
  timers: Timers
}

/**
 * Serves each minute what the files have by then. No session that began before goes on, so a CA that was taken away lets nobody in. If
 * the files cannot be used, the listener serves what it has.
 */
export const keepTls = ({ server, tls, read, log, timers }: KeptTls): { look(): Promise<void>; stop(): void } => {
  let served = tls
  let failing = ''
  const look = async (): Promise<void> => {
    try {
      const found = await read()
      failing = ''
      if (found.cert === served.cert && found.key === served.key && found.ca === served.ca) return
      server.setSecureContext(found)
      server.setTicketKeys(randomBytes(48))
      served = found
      log.info('serving metrics with a new certificate')
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== failing) log.warn({ reason }, 'the new certificate for metrics cannot be served')
      failing = reason
    }
  }
  const timer = timers.setInterval(() => void look(), lookEvery)
  timer.unref()
  return { look, stop: () => timers.clearInterval(timer) }
}
