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
  let isFailing = false
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
      const next = await reader.look()
      if (isFailing) log.info('the Decisions of the cluster can be read again')
      isFailing = false
      unserved = 0
      isDue ||= next !== 'when-told'
      return next === 'later' ? budgets.again : budgets.rest
    } catch (error) {
      // the store is closed by then
      return signal.aborted ? 0 : afterFailure(error)
    }
  }
  /** Says what failed, once in a row. Returns the pause until the next try. */
  const afterFailure = (err: unknown): number => {
    if (!isFailing) log.warn({ err }, 'the Decisions of the cluster cannot be read or carried out; it is tried again')
    isFailing = true
    isDue = true
    const retryAfter = err instanceof ProblemError ? err.retryAfter : undefined
    unserved = retryAfter === undefined ? 0 : unserved + 1
    return Math.max(budgets.again, retryAfter === undefined ? 0 : pauseUnserved(unserved, retryAfter))
  }
  const sweep = setInterval(nudge, sweepInterval)
  decisions.watch(nudge, signal)
  signal.addEventListener('abort', () => {
    clearInterval(sweep)
    clearTimeout(rest)
  })
  nudge()
}
