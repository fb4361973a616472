import { openMirror } from '../../adapters/sqlite/mirror/open-mirror.ts'
import type { KnownLog } from '../../core/ports/log/appender.ts'
import { storeFileIn } from '../../core/ports/store/store-files.ts'

/**
 * Knowledge of the file of this server about its log. Undefined if it has none. Throws `StartRefusal` if the file is a store of its
 * own: its server must not stand by, as if it knew nothing.
 */
export const requireFollower = (state: string): KnownLog | undefined => {
  const mirror = openMirror(storeFileIn(state))
  try {
    mirror.refuseOwn()
    return mirror.known()
  } finally {
    mirror.close()
  }
}
