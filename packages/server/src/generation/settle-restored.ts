import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { entry } from '../enrolment/decision/decision.ts'
import { type Store, storeSubject } from '../store/store.ts'
import { endCredentials, takeBack } from './take-back.ts'

interface Parts {
  store: Store
  enrolments: Pick<Enrolments, 'commitTogether'>
  credentials: Pick<Credentials, 'settle'>
  clock: Clock
  log: Logger
}

/**
 * Settles a store that came out of a backup, by which nothing may be given: see `takeBack`. Runs before the server listens, and
 * once: its commit takes the mark of the restore away.
 */
export const settleRestored = async (parts: Parts): Promise<void> => {
  const { store, credentials, log } = parts
  const restored = await store.restored()
  if (restored === undefined) return
  const what = `a backup was restored at ${restored}`
  const { before, done } = await takeBack(parts, 'the store was restored from a backup', (taken, now) => ({
    entries: [{ subject: storeSubject, entry: entry(now, 'server', 'restore', `${what}: ${taken}`, true) }],
    settlesRestore: true
  }))
  log.warn(`${what}: ${done}`)
  void endCredentials(before, store, credentials).catch(() => undefined)
}
