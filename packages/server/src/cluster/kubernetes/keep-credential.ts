import { schedule } from 'node-cron'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { renewCredential } from './credential.ts'
import { credentialLifetime, type Lifetime } from './credential-lifetime.ts'
import { renewalDue } from './renewal-due.ts'

export interface KeptCredential {
  /** The server's own kubeconfig. */
  kubeconfigFile: string
  clock: Clock
  log: Logger
}

/**
 * Renews the server's own token at start, and then each time that it is due. Only a token that is still good can be
 * renewed: looking each minute, neither an hour's lifetime nor a short outage locks the server out.
 */
export const keepCredential = ({ kubeconfigFile, clock, log }: KeptCredential): { stop(): void } => {
  let said: string | undefined
  const renewIf = async (due: (lifetime: Lifetime | undefined) => boolean): Promise<void> => {
    try {
      if (due(await credentialLifetime(kubeconfigFile))) {
        log.info({ expires: await renewCredential(kubeconfigFile) }, 'renewed the own token')
      }
      said = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== said) log.warn({ reason }, 'could not renew the own token')
      said = reason
    }
  }
  // one after the other: each of them replaces the file
  let last = renewIf(() => true)
  const look = (): Promise<void> => {
    last = last.then(() => renewIf((lifetime) => lifetime !== undefined && renewalDue(lifetime, clock.now())))
    return last
  }
  const task = schedule('* * * * *', look, { name: 'keep-credential' })
  return { stop: () => void task.destroy() }
}
