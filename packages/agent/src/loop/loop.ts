import { escapeText, problems } from '@joinery/protocol'
import type { UnitStatus } from '../host/unit-status.ts'
import { Refused } from '../pairing/pairing-server.ts'
import { failing } from '../plan/failing.ts'
import { type Memory, observe } from '../plan/observe.ts'
import { plan } from '../plan/plan.ts'
import type { Step } from '../plan/step.ts'
import { decideOrder } from '../prefetch/order.ts'
import { Prefetch } from '../prefetch/prefetch.ts'
import { RecentLines } from '../program/recent-lines.ts'
import type { Context, StepParts } from '../steps/context.ts'
import { executors } from '../steps/executors.ts'
import { isPassedOver, noFailures, pauseAfterError, withFailure } from './backoff.ts'

export interface LoopParts extends Omit<StepParts, 'say' | 'prefetch'> {
  unitStatus: UnitStatus
  bootId: string
  /** Called each time that the loop comes round. */
  turned: () => void
}

/**
 * Runs the agent: observe, plan, do one step, until a step says that nothing is left, or `signal` aborts. After an
 * error the agent waits, and everything is observed again, forever. After a reboot there is nothing to resume: this
 * is the same loop.
 */
export const runLoop = async (parts: LoopParts): Promise<'done' | 'stopped'> => {
  const prefetch = new Prefetch(parts)
  try {
    return await comeRound(parts, prefetch)
  } finally {
    prefetch.follow({ do: 'stop' })
  }
}

const comeRound = async (parts: LoopParts, prefetch: Prefetch): Promise<'done' | 'stopped'> => {
  const { signal, clock, unitStatus, log, show, turned } = parts
  const said = new RecentLines(clock)
  const say = (message: string): void => {
    said.add(message)
    unitStatus(message)
    show({ message })
  }
  const memory: Memory = { stagesReported: 0 }
  let failures = noFailures
  let failingSince = 0
  while (!signal.aborted) {
    turned()
    try {
      const begun = clock.monotonic()
      const situation = await observe(parts, memory)
      const looked = clock.monotonic() - begun
      show({ situation })
      prefetch.follow(decideOrder(situation))
      const step = plan(situation)
      log.debug({ step: step.do })
      if ((await execute(step, { ...parts, say, said, prefetch, memory, situation, looked })) === 'done') return 'done'
      if (looks.has(step.do)) continue
      failures = noFailures
      show({ failing: undefined })
    } catch (error) {
      if (signal.aborted) break
      // what the server said before is not what it says now
      if (error instanceof Refused) delete memory.enrolment
      const pause = pauseAfterError(error, failures, clock.random(), needsPerson(error))
      const text = oneLine(error)
      if (isPassedOver(error)) {
        log.debug({ nextTryMs: Math.round(pause) }, text)
        await clock.sleep(pause, signal)
        continue
      }
      if (failures.all === 0) failingSince = clock.monotonic()
      failures = withFailure(failures, error)
      log.warn({ failures: failures.all, nextTryMs: Math.round(pause) }, text)
      const now = clock.monotonic()
      said.add(text)
      unitStatus(failing(text, now - failingSince, pause))
      show({ failing: { reason: text, tries: failures.all, since: failingSince, nextTry: now + pause } })
      await clock.sleep(pause, signal)
    }
  }
  return 'stopped'
}

/** Steps whose success does not end a failure. */
const looks: ReadonlySet<Step['do']> = new Set(['observe', 'mend'])

const needsPerson = (error: unknown): boolean => error instanceof Refused && problems[error.code].retry !== 'later'

// the table is exhaustive by its type; TypeScript cannot see that step and executor belong together
const execute = (step: Step, context: Context): Promise<unknown> =>
  (executors[step.do] as (step: Step, context: Context) => Promise<unknown>)(step, context)

/** The message of an error, on one line, safe to print. A program may have printed it on several lines. */
const oneLine = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error)
  return escapeText(text.trim().replace(/\s*\n\s*/g, '; '))
}
