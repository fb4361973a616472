import { join } from 'node:path'
import { openMirror } from '../store/sqlite/mirror/open-mirror.ts'

/** Throws `StartRefusal` if the file of this server is a store of its own. It must not stand by, as if it knew nothing. */
export const requireFollower = (state: string): void => {
  const mirror = openMirror(join(state, 'joinery.db'))
  try {
    mirror.refuseOwn()
  } finally {
    mirror.close()
  }
}
