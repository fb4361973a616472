import type { Logger } from '../../core/base/log.ts'
import { StartRefusal } from '../../core/base/start-refusal.ts'
import type { LogObjects } from '../../core/ports/log/log-objects.ts'

/**
 * Throws `StartRefusal` if the cluster has a log: a server with a store of its own would give what the servers of the log know nothing of.
 * If nobody can say, the server starts: whoever moved a store into the cluster has ended the tokens by which an older server could give
 * anything.
 */
export const requireNoLog = async (objects: Pick<LogObjects, 'head'>, log: Logger): Promise<void> => {
  const head = await objects.head().catch((error: unknown) => {
    log.debug({ err: error }, 'nobody can say whether the cluster has a log')
    return undefined
  })
  if (head === undefined) return
  throw new StartRefusal(
    'the cluster has the log of its servers, and this one is configured with store: file',
    'set store: cluster in the configuration; or bring the log back into a file: joinery-server store move --to file'
  )
}
