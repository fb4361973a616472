import { join } from 'node:path'
import type { LogStatus } from '@joinery/protocol'
import { systemClock, systemMonotonic } from '../base/clock.ts'
import type { LogFacts } from '../log/appender.ts'
import { takeOver } from '../log/take-over.ts'
import { openMirror } from '../store/sqlite/mirror/open-mirror.ts'
import { endBehindLog } from './end-process.ts'
import { logPartsOf, type LogPlace } from './log-parts-of.ts'
import type { Leading, OpenedStore } from './run-on-cluster.ts'

/** Everything that the store behind the log is opened with. */
export type ClusterStoreParts = Leading & LogPlace

/**
 * Takes the log over, and opens the store behind it: the local file follows what the cluster has. Throws `LogRefusal` if this server must
 * not go on with what it finds.
 */
export const openClusterStore = async (parts: ClusterStoreParts): Promise<OpenedStore> => {
  const { config, leadership, deposed } = parts
  const mirror = openMirror(join(config.state, 'joinery.db'))
  try {
    const mayGoOn = () => leadership.holds()
    const taken = await takeOver({ ...(await logPartsOf(parts)), mayGoOn, known: mirror.known(), deposed })
    const store = mirror.store(taken, { ended: endBehindLog, monotonic: systemMonotonic })
    return {
      store,
      facts: () => statusOf(taken.facts()),
      close: async () => {
        store.close()
        await store.closed
        await taken.close()
      }
    }
  } catch (error) {
    mirror.close()
    throw error
  }
}

const statusOf = ({ unavailable, ...facts }: LogFacts): LogStatus => ({
  ...facts,
  ...(unavailable && {
    unavailable: { since: new Date(systemClock.now().getTime() - unavailable.for).toISOString(), why: unavailable.why }
  })
})
