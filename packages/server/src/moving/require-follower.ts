import { openMirror } from '../store/sqlite/mirror/open-mirror.ts'
import { storeFileIn } from '../store/store-files.ts'

/** Throws `StartRefusal` if the file of this server is a store of its own. It must not stand by, as if it knew nothing. */
export const requireFollower = (state: string): void => {
  const mirror = openMirror(storeFileIn(state))
  try {
    mirror.refuseOwn()
  } finally {
    mirror.close()
  }
}
