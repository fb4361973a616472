import { schedule } from 'node-cron'
import type { Logger } from '../../log.ts'
import { renewCredential } from './credential.ts'

/** Renews the server's own token at start and twice a day: it lives a week, so a dozen failures in a row are survived. */
export const keepCredential = (kubeconfigFile: string, log: Logger): { stop(): void } => {
  const renew = (): Promise<void> =>
    renewCredential(kubeconfigFile).then(
      (expires) => log.info({ expires }, 'renewed the own token'),
      (error: Error) => log.warn({ reason: error.message }, 'could not renew the own token')
    )
  const task = schedule('0 */12 * * *', renew, { name: 'renew-credential' })
  void renew()
  return { stop: () => void task.destroy() }
}
