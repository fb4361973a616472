import { type ProblemCode, ProblemError } from '@joinery/protocol'
import type { Monotonic } from '../../core/base/clock.ts'
import type { Call, CallOutcome, Part } from './calls.ts'
import type { Meter } from './meter.ts'

export interface CallParts {
  meter: Meter
  monotonic: Monotonic
}

interface Hearing {
  /** The outcome of a call that did not throw. */
  outcomeOf: (call: Call, answer: unknown) => CallOutcome
  /** Hears of each call when it is over. */
  heard: (call: Call, outcome: CallOutcome, given: readonly unknown[]) => void
}

/**
 * A port to the API server, whose calls are counted and timed. Everything else of it is as it was.
 */
export const meterCalls = <Port extends object>(
  port: Port,
  part: Part,
  counted: readonly (keyof Port & Call)[],
  parts: () => CallParts,
  { outcomeOf = () => 'ok', heard = () => {} }: Partial<Hearing> = {}
): Port => {
  const isCounted = (name: unknown): name is keyof Port & Call => (counted as readonly unknown[]).includes(name)
  const meterCall =
    (call: keyof Port & Call) =>
    async (...given: unknown[]): Promise<unknown> => {
      const { meter, monotonic } = parts()
      const begun = monotonic()
      let outcome: CallOutcome = 'error'
      try {
        // looked up at each call, as the caller would
        const answer = await (port[call] as (...given: unknown[]) => Promise<unknown>).apply(port, given)
        outcome = outcomeOf(call, answer)
        return answer
      } catch (error) {
        if (error instanceof ProblemError && conflicts.includes(error.code)) outcome = 'conflict'
        throw error
      } finally {
        meter.count('joinery_kubernetes_calls_total', { part, call, outcome })
        meter.observe('joinery_kubernetes_call_duration_seconds', { part }, (monotonic() - begun) / 1000)
        heard(call, outcome, given)
      }
    }
  const made = new Map(counted.map((call) => [call, meterCall(call)]))
  return new Proxy(port, {
    get: (target, name) => (isCounted(name) ? made.get(name) : Reflect.get(target, name))
  })
}

/** Problems that say that the object is another one by now. */
const conflicts: readonly ProblemCode[] = ['not-found', 'illegal-event']
