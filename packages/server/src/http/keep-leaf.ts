import { X509Certificate } from 'node:crypto'
import type { Server } from 'node:tls'
import { schedule } from 'node-cron'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { type AgentsTls, agentsTls, type LeafPlace } from './agents-tls.ts'

export interface KeptLeaf {
  server: Server
  /** TLS that the listener serves at the start. */
  tls: AgentsTls
  place: LeafPlace
  clock: Clock
  log: Logger
}

/**
 * Checks the certificate of the agents' listener once a day. The listener serves a new one from then on, without a
 * restart.
 */
export const keepLeaf = ({ server, tls, place, clock, log }: KeptLeaf): { stop(): void } => {
  let served = tls
  const look = async (): Promise<void> => {
    const found = await agentsTls(place, clock.now(), log)
    if (found.cert === served.cert) return
    server.setSecureContext(found)
    served = found
    log.info({ expires: new X509Certificate(found.cert).validToDate }, 'serving a new certificate to agents')
  }
  const task = schedule(
    '0 12 * * *',
    () =>
      look().catch((error: Error) =>
        log.warn({ reason: error.message }, 'could not serve the new certificate to agents')
      ),
    { name: 'keep-leaf' }
  )
  return { stop: () => void task.destroy() }
}
