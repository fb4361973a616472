import { ProblemError } from '@joinery/protocol'
import type { Budgets } from '../../base/budgets.ts'
import type { Logger } from '../../base/log.ts'
import { pauseUnserved } from '../../cluster/pause-unserved.ts'
import type { DecisionReader } from './decision-reader.ts'
import type { Decisions } from './decisions.ts'

interface Parts {
  reader: Pick<DecisionReader, 'look'>
  decisions: Pick<Decisions, 'watch'>
  log: Logger
  budgets: Pick<Budgets['decisions'], 'rest' | 'again'>
}

/** Milliseconds between looks while the watch says nothing. This only bounds what a dead watch can cost. */
const sweepInterval = 60_000

/**
 * Looks at the Decisions of the cluster until `signal` aborts: when the watch says something, each minute, and again after a look
 * that left something. There is one look at a time, and a rest after each, which is longer if the API server cannot serve.
 */
export const startReading = ({ reader, decisions, log, budgets }: Parts, signal: AbortSignal): void => {
  let isDue = false
  let isBusy = false
  let unserved = 0
  let rest: NodeJS.Timeout | undefined

  const nudge = (): void => {
    isDue = true
    void go()
  }
  const go = async (): Promise<void> => {
    if (!isDue || isBusy || signal.aborted) return
    isBusy = true
    isDue = false
    const pause = await look()
    if (signal.aborted) return
    rest = setTimeout(() => {
      isBusy = false
      void go()
    }, pause)
  }
  /** Looks once. Returns the pause after it. */
  const look = async (): Promise<number> => {
    try {
      isDue = (await reader.look()) || isDue
      unserved = 0
      return budgets.rest
    } catch (error) {
      // the store is closed by now
      if (signal.aborted) return 0
      log.warn({ err: error }, 'the Decisions of the cluster could not be read or carried out; it is tried again')
      isDue = true
      const retryAfter = error instanceof ProblemError ? error.retryAfter : undefined
      unserved = retryAfter === undefined ? 0 : unserved + 1
      return retryAfter === undefined ? budgets.again : Math.max(budgets.again, pauseUnserved(unserved, retryAfter))
    }
  }
  const sweep = setInterval(nudge, sweepInterval)
  decisions.watch(nudge, signal)
  signal.addEventListener('abort', () => {
    clearInterval(sweep)
    clearTimeout(rest)
  })
  nudge()
}
