import type { Logger } from '../../../core/base/log.ts'
import { NotDone, OutcomeUnknown } from '../../../core/ports/log/log-objects.ts'
import { type LogClock, pauseAfter } from './log-clock.ts'

interface Persisting {
  clock: LogClock
  budget: { pause: number; pauseAtMost: number }
  log: Logger
  mayGoOn(): boolean
}

/**
 * Tries again until the call has an answer, as long as this server may go on. Only for reads, and for writes that may be done twice.
 * Throws if it may not.
 */
export const persist = async <T>(call: () => Promise<T>, { clock, budget, log, mayGoOn }: Persisting): Promise<T> => {
  for (let failures = 1; ; failures += 1) {
    if (!mayGoOn()) throw new Error('the lease of this server is over')
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof NotDone || error instanceof OutcomeUnknown)) throw error
      if (failures === 1) log.warn({ why: error.message }, 'the log in the cluster does not answer')
    }
    await clock.sleep(pauseAfter(failures, budget))
  }
}
