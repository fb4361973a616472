import { type LogStatus, ProblemError } from '@joinery/protocol'
import type { Clock, Monotonic } from '../base/clock.ts'
import { entry } from '../enrolment/decision/decision.ts'
import type { LogFacts, OpenLog } from '../log/appender.ts'
import type { SeenHead } from '../log/head-sight.ts'
import { takeOver } from '../log/take-over.ts'
import { openMirror } from '../store/sqlite/mirror/open-mirror.ts'
import { type Store, storeSubject } from '../store/store.ts'
import { storeFileIn } from '../store/store-files.ts'
import { endBehindLog } from './end-process.ts'
import { type LogPlace, logPartsOf } from './log-parts-of.ts'
import type { Leading, OpenedStore } from './run-on-cluster.ts'

/** Everything that the store behind the log is opened with. */
export interface ClusterStoreParts extends Leading, LogPlace {
  clock: Clock
  monotonic: Monotonic
  /** The last end of the log that this host saw while it stood by. */
  seen?: SeenHead | undefined
}

/**
 * Takes the log over, and opens the store behind it: the local file follows what the cluster has. Throws `LogRefusal` if this server must
 * not go on with what it finds.
 */
export const openClusterStore = async (parts: ClusterStoreParts): Promise<OpenedStore> => {
  const { config, leadership, deposed, seen, clock, monotonic } = parts
  const mirror = openMirror(storeFileIn(config.state))
  const toTell = Promise.withResolvers<Store>()
  const alert = (sentence: string): void => {
    const told = entry(clock.now(), 'server', 'log-edited', sentence, true)
    // what cannot be committed is in the log of this process
    void toTell.promise
      .then((store) => store.commit({ entries: [{ subject: storeSubject, entry: told }] }))
      .catch(() => {})
  }
  let taken: OpenLog | undefined
  try {
    const mayGoOn = () => leadership.holds()
    const found = await takeOver({ ...(await logPartsOf(parts)), mayGoOn, known: mirror.known(), seen, deposed, alert })
    taken = found
    const requireLog = (): void => {
      const { unavailable } = found.facts()
      if (unavailable !== undefined) throw new ProblemError('store-unavailable', { detail: unavailable.why })
    }
    const store = mirror.store(found, { ended: endBehindLog, monotonic, requireLog })
    toTell.resolve(store)
    return {
      store,
      facts: () => statusOf(found.facts(), clock.now()),
      doubt: () => found.doubt(),
      close: async () => {
        store.close()
        await store.closed
        await found.close()
      }
    }
  } catch (error) {
    await taken?.close()
    mirror.close()
    throw error
  }
}

const statusOf = ({ unavailable, ...facts }: LogFacts, now: Date): LogStatus => ({
  ...facts,
  ...(unavailable && { unavailable: unavailableSince(unavailable, now) })
})

const unavailableSince = ({ for: milliseconds, ...why }: NonNullable<LogFacts['unavailable']>, now: Date) => ({
  since: new Date(now.getTime() - milliseconds).toISOString(),
  ...why
})
