import { ProblemError } from '@joinery/protocol'
import type { Logger } from '../../../core/base/log.ts'
import { pauseUnserved } from '../../../core/ports/cluster/pause-unserved.ts'
import type { AskedObjects, SeenObject } from '../../../core/ports/objects/asked-objects.ts'

interface Parts {
  /** Looks once, and says when to look again. */
  look: () => Promise<NextLook>
  objects: Pick<AskedObjects<SeenObject, unknown>, 'watch'>
  /** Name of the objects, such as Decisions. */
  plural: string
  log: Logger
  budgets: {
    /** Pause between two looks. */
    rest: number
    /** Pause after a look that could not do all that it had to. */
    again: number
  }
}

/**
 * - soon: the look was bounded, and left something
 * - later: an object waits for something in the cluster, its status could not be written, or the policy is away
 * - when-told: when the watch says something
 */
export type NextLook = 'soon' | 'later' | 'when-told'

/** Milliseconds between looks while the watch says nothing. This only bounds what a dead watch can cost. */
const sweepInterval = 60_000

/**
 * Looks at the objects of the cluster until `signal` aborts: when the watch says something, each minute, and again after a look
 * that left something. There is one look at a time, and a rest after each, which is longer if the API server cannot serve. Returns
 * what makes it look once more.
 */
export const startReading = ({ look, objects, plural, log, budgets }: Parts, signal: AbortSignal): (() => void) => {
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
    const pause = await lookOnce()
    if (signal.aborted) return
    rest = setTimeout(() => {
      isBusy = false
      void go()
    }, pause)
  }
  /** Looks once. Returns the pause after it. */
  const lookOnce = async (): Promise<number> => {
    try {
      const next = await look()
      if (isFailing) log.info(`the ${plural} of the cluster can be read again`)
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
    if (!isFailing) log.warn({ err }, `the ${plural} of the cluster cannot be read or carried out; it is tried again`)
    isFailing = true
    isDue = true
    const retryAfter = err instanceof ProblemError ? err.retryAfter : undefined
    unserved = retryAfter === undefined ? 0 : unserved + 1
    return Math.max(budgets.again, retryAfter === undefined ? 0 : pauseUnserved(unserved, retryAfter))
  }
  const sweep = setInterval(nudge, sweepInterval)
  objects.watch(nudge, signal)
  signal.addEventListener('abort', () => {
    clearInterval(sweep)
    clearTimeout(rest)
  })
  nudge()
  return nudge
}
