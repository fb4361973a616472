import { pageAt } from '@joinery/host/text/page-at'
import { StartRefusal } from '../../base/start-refusal.ts'
import type { ServerConfig } from '../../config/config.ts'

/** Throws `StartRefusal` if several servers may share the keys: by the new one of one host no other server could open the log. */
export const requireOneHost = ({ store }: Pick<ServerConfig, 'store'>): void => {
  if (store !== 'cluster') return
  throw new StartRefusal(
    'with store: cluster all servers have the same keys, and this command changes those of one host',
    `make it one server for the time of the rotation: joinery-server store move --to file; ${pageAt('how-to/several-servers.md')} has the steps`
  )
}
