import { problems } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { isPassedOver, noFailures, pauseAfterError, withFailure } from '../loop/backoff.ts'
import { NoResult, Refused } from '../pairing/pairing-server.ts'
import type { Context, Memory, WayBackEnd, WayBackParts } from './context.ts'
import { judgeKubelet, type Verdict } from './judge-kubelet.ts'
import { planWayBack, type Step } from './plan-way-back.ts'
import { executors } from './steps.ts'

/** The finding of a look that does nothing. */
export interface Look {
  verdict: Verdict
  /** True if an interrupted way back left bootstrap-kubelet.conf. */
  leftover: boolean
}

/** The Node that this agent made Ready. Undefined if there is none: then there is no way back either. */
const ownNode = async ({ journal }: Pick<WayBackParts, 'journal'>) => {
  const { accepted, joined } = await journal.read()
  return accepted ? joined : undefined
}

/** Looks whether this machine needs the way back. Changes nothing. Undefined if this agent made no Node of the machine. */
export const lookOnly = async (parts: Pick<WayBackParts, 'journal' | 'recovering'>): Promise<Look | undefined> => {
  const joined = await ownNode(parts)
  if (joined === undefined) return undefined
  const sight = await parts.recovering.look(joined.nodeName)
  return { verdict: judgeKubelet(sight), leftover: sight.bootstrapConf }
}

/** The end for a machine that this agent made no Node of. */
export const noNode: WayBackEnd = { end: 'nothing', why: 'this agent has made no Node of this machine', remedy: [] }

/**
 * Brings the kubelet back to a certificate: look, plan, do one step, until nothing is left to do, or `until`, or `signal`
 * aborts. After a power cut there is nothing to resume: this is the same loop. The credential never stays behind.
 */
export const runWayBack = async (parts: WayBackParts): Promise<WayBackEnd> => {
  const { recovering, clock, signal, log } = parts
  const joined = await ownNode(parts)
  if (joined === undefined) return noNode
  const { nodeName, controlPlane } = joined
  const memory: Memory = { restarted: false }
  const more = { ...parts, nodeName, ...given({ address: controlPlane?.address }), memory }
  let failures = noFailures
  try {
    while (!signal.aborted) {
      try {
        const end = await oneStep(more)
        if (end !== undefined) return end
        failures = noFailures
      } catch (error) {
        if (signal.aborted) break
        const end = endOf(error, more)
        if (end !== undefined) return end
        const pause = pauseAfterError(error, failures, clock.random(), false)
        failures = withFailure(failures, error)
        const told = { failures: failures.all, nextTryMs: Math.round(pause) }
        log[isPassedOver(error) ? 'debug' : 'warn'](told, (error as Error).message)
        await clock.sleep(pause, signal)
      }
    }
    return later(memory)
  } finally {
    // also if it was stopped: nobody would look at it before the next hour
    if (memory.claimed !== undefined) await recovering.removeBootstrap()
  }
}

/** Looks, plans, and does one step. */
const oneStep = async (parts: Omit<Context, 'situation'>): Promise<WayBackEnd | undefined> => {
  const { recovering, record, clock, nodeName, memory, until, log } = parts
  const sight = await recovering.look(nodeName)
  const situation = {
    sight,
    verdict: judgeKubelet(sight),
    record: await record.read(),
    restarted: memory.restarted,
    now: clock.monotonic(),
    ...given({ enrolment: memory.enrolment, claimed: memory.claimed, failure: memory.failure })
  }
  const step = planWayBack(situation)
  log.debug({ step: step.do })
  if (asksServer.has(step.do) && situation.now >= until) return later(memory)
  return execute(step, { ...parts, situation })
}

/** The end that an error comes to. Undefined if it is worth another try. Throws what is no answer of the server. */
const endOf = (error: unknown, { nodeName, until, clock }: Omit<Context, 'situation'>): WayBackEnd | undefined => {
  if (!(error instanceof NoResult)) throw error
  if (error instanceof Refused && problems[error.code].retry !== 'later') return refused(error, nodeName)
  return clock.monotonic() >= until ? { end: 'later', why: error.message, remedy: [] } : undefined
}

/** Steps for which this process waits no longer than it was told. */
const asksServer: ReadonlySet<Step['do']> = new Set(['ask', 'wait', 'claim', 'fail'])

const later = ({ enrolment }: Memory): WayBackEnd => {
  const why = typeof enrolment === 'object' ? enrolment.message : 'the pairing server was not asked yet'
  return { end: 'later', why: `it still waits: ${why}`, remedy: [] }
}

const refused = ({ code, message }: Refused, nodeName: string): WayBackEnd => ({
  end: 'failed',
  why: message,
  remedy:
    code === 'node-gone'
      ? [
          'kubeadm reset',
          `# on the pairing server's host: joinery code create --name ${nodeName}`,
          'joinery-agent enrol --help'
        ]
      : []
})

// the table is exhaustive by its type; TypeScript cannot see that step and executor belong together
const execute = (step: Step, context: Context): Promise<WayBackEnd | undefined> =>
  (executors[step.do] as (step: Step, context: Context) => Promise<WayBackEnd | undefined>)(step, context)
