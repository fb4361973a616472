import type { Clock, Timers } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import type { CredentialLifetime } from '../../../core/ports/cluster/credential-lifetime.ts'
import { renewCredential } from './credential.ts'
import { credentialLifetime, renewalDue } from './credential-lifetime.ts'

export interface KeptCredential {
  /** The server's own kubeconfig. */
  kubeconfigFile: string
  /** The cluster's clock: the cluster judges the token. */
  clock: Clock
  log: Logger
  timers: Timers
}

const lookInterval = 60_000

/**
 * Renews the server's own token at start, and then each time that the token is due. Only a token that is still good can
 * be renewed. It looks each minute, so neither an hour's lifetime nor a short outage locks the server out.
 */
export const keepCredential = ({ kubeconfigFile, clock, log, timers }: KeptCredential): { stop(): void } => {
  let said: string | undefined
  /** True once the token was renewed since the start of the server. */
  let renewed = false
  const isDue = (lifetime: CredentialLifetime | undefined): boolean =>
    !renewed || (lifetime !== undefined && renewalDue(lifetime, clock.now()))
  const renewIfDue = async (): Promise<void> => {
    try {
      if (isDue(await credentialLifetime(kubeconfigFile))) {
        log.info({ expires: await renewCredential(kubeconfigFile) }, 'renewed the own token')
        renewed = true
      }
      said = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== said) log.warn({ reason }, 'could not renew the own token')
      said = reason
    }
  }
  // one after the other: each of them replaces the file
  let last = renewIfDue()
  const look = (): Promise<void> => {
    last = last.then(renewIfDue)
    return last
  }
  const timer = timers.setInterval(look, lookInterval)
  timer.unref()
  return { stop: () => timers.clearInterval(timer) }
}
