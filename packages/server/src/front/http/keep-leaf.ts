import { X509Certificate } from 'node:crypto'
import type { Server } from 'node:tls'
import { schedule } from 'node-cron'
import type { Logger } from '../../core/base/log.ts'
import { type AgentsTls, agentsTls, type LeafPlace } from './agents-tls.ts'

export interface KeptLeaf {
  server: Server
  /** TLS that the listener serves at the start. */
  tls: AgentsTls
  place: LeafPlace
  log: Logger
}

/**
 * Looks each hour whether root renewed the certificate of the agents' listener. The listener serves the new one from then on, without
 * a restart. What cannot be served, such as half of a pair, leaves it the one that it has.
 */
export const keepLeaf = ({ server, tls, place, log }: KeptLeaf): { stop(): void } => {
  let served = tls
  const look = async (): Promise<void> => {
    const found = await agentsTls(place, log)
    if (found.cert === served.cert) return
    server.setSecureContext(found)
    served = found
    log.info({ expires: new X509Certificate(found.cert).validToDate }, 'serving a new certificate to agents')
  }
  const task = schedule(
    '30 * * * *',
    () =>
      look().catch((error: Error) =>
        log.warn({ reason: error.message }, 'could not serve the new certificate to agents')
      ),
    { name: 'keep-leaf' }
  )
  return { stop: () => void task.destroy() }
}
