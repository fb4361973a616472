import { type LogStatus, ProblemError } from '@joinery/protocol'
import { openMirror } from '../adapters/sqlite/mirror/open-mirror.ts'
import { markDocument } from '../adapters/sqlite/mirror/parts.ts'
import type { Clock, Monotonic } from '../core/base/clock.ts'
import { Commits } from '../core/commit/commits.ts'
import { entry } from '../core/enrolment/decision/decision.ts'
import type { LogFacts, OpenLog } from '../core/ports/log/appender.ts'
import { putAside } from '../core/ports/store/lost-files.ts'
import { storeFileIn } from '../core/ports/store/store-files.ts'
import { storeSubject } from '../core/ports/store/timeline.ts'
import { leavesOf } from '../features/audit/feature.ts'
import type { HeadSight } from '../features/high-availability/feature.ts'
import { takeOver } from '../features/high-availability/feature.ts'
import { endBehindLog } from './end-process.ts'
import { type LogPlace, logPartsOf } from './log-parts-of.ts'
import type { Leading, OpenedStore } from './run-on-cluster.ts'

/** Everything that the store behind the log is opened with. */
export interface ClusterStoreParts extends Leading, LogPlace {
  clock: Clock
  monotonic: Monotonic
  /** Memory of this host. */
  sight: Pick<HeadSight, 'seen' | 'took' | 'ended'>
}

/**
 * Takes the log over, and opens the store behind it: the local file follows what the cluster has. Throws `LogRefusal` if this server must
 * not go on with what it finds.
 */
export const openClusterStore = async (parts: ClusterStoreParts): Promise<OpenedStore> => {
  const { config, leadership, deposed, sight, clock, monotonic } = parts
  const file = storeFileIn(config.state)
  let mirror = openMirror(file)
  const toTell = Promise.withResolvers<Commits>()
  const alert = (sentence: string): void => {
    const told = entry(clock.now(), 'server', 'log-edited', sentence, true)
    // what cannot be committed is in the log of this process
    void toTell.promise
      .then((commits) => commits.append({ entries: [{ subject: storeSubject, entry: told }] }))
      .catch(() => {})
  }
  let taken: OpenLog | undefined
  try {
    const found = await takeOver({
      ...(await logPartsOf(parts)),
      mayGoOn: () => leadership.holds(),
      known: mirror.known(),
      seen: sight.seen,
      mark: markDocument,
      now: clock.now,
      deposed,
      alert
    })
    taken = found
    if (found.restored !== undefined) parts.log.warn(found.restored, 'the log is treated as an older copy')
    if (found.lost !== undefined) {
      mirror.close()
      const aside = await putAside(config.state, new Date(found.lost.at ?? clock.now()))
      parts.log.warn({ aside }, 'the log went on without what the file of this host has, which is put aside')
      mirror = openMirror(file)
    }
    await sight.took(found.log, found.own)
    const requireLog = (): void => {
      const { unavailable } = found.facts()
      if (unavailable !== undefined) throw new ProblemError('store-unavailable', { detail: unavailable.why })
    }
    const store = mirror.store(found, { ended: endBehindLog, monotonic, requireLog })
    // no follower is there yet. That of the audit log finds the leaf when it is.
    toTell.resolve(new Commits({ store, leavesOf, followers: () => [], monotonic, log: parts.log }))
    return {
      store,
      facts: () => statusOf(found.facts(), clock.now()),
      doubt: () => found.doubt(),
      line: found,
      close: async () => {
        store.close()
        await store.closed
        const last = await found.close()
        // if it cannot be noted, the first batch of the term is remembered still
        await sight
          .ended(found.log, { ...last, at: clock.now().toISOString() })
          .catch((err: unknown) => parts.log.warn({ err }, 'the last batch of this server could not be noted'))
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
