import type { Attempt } from '../journal/journal.ts'
import { endedBeforeEtcd, phases as phasesOf } from '../journal/stages.ts'
import type { JoinState, Machine, NodeReadiness } from '../machine/port/machine.ts'
import { Refused } from '../pairing/pairing-server.ts'
import type { Situation } from '../plan/plan.ts'
import { isIdentified, refusesLeaving, refusesReset } from '../plan/recovery.ts'
import type { Context, Executors } from './context.ts'
import { attemptPause } from './pauses.ts'
import { waitForChange } from './wait-for-change.ts'
import { writeAttempt } from './write-attempt.ts'

/** What is done with an attempt that failed. */
export const recover: Executors<'close' | 'leave-etcd' | 'report-failed' | 'reset'> = {
  close: async (step, { machine, journal, memory, situation, log }) => {
    const { output } = situation.join
    machine.status('closing the attempt that failed')
    await machine.closeJoin()
    const closed = await machine.joinState()
    // it was quicker than we: what is on the disk decides, and the next plan is to go on
    if (isIdentified(closed) && !isEnded(situation)) return
    const failure = step.failure ?? (await machine.explainFailure(output))
    const { certificate } = closed
    const phases = phasesOf(output)
    await writeAttempt(journal, situation, {
      failure,
      ...(phases.length > 0 && { phases }),
      ...(certificate && { certificate }),
      ...(endedBeforeEtcd(output) && { leftEtcd: true })
    })
    delete memory.observation
    log.warn(failure, 'the attempt failed and was closed')
  },

  'leave-etcd': async (_, context) => {
    const { machine, journal, log } = context
    const { attempt, ...rest } = await journal.read()
    const refusal = refusesLeaving(attempt, ...(await presentState(machine, attempt)))
    if (attempt?.controlPlane === undefined || refusal !== undefined)
      return waitBecause(context, `not left: ${refusal}`)
    machine.status('taking this machine out of etcd after the failed attempt')
    const { nodeName, controlPlane } = attempt
    const { address, etcdHosts = [] } = controlPlane
    const reason = await machine.leaveEtcd({ address, nodeName }, etcdHosts).catch(async (error) => {
      // after a power cut the vote of this machine may be the one that etcd lacks
      await machine.startEtcd(address)
      throw error
    })
    if (reason !== undefined) return waitBecause(context, `this machine stays a member of etcd: ${reason}`)
    await machine.closeJoin()
    await journal.write({ ...rest, attempt: { ...attempt, leftEtcd: true } })
    log.info({ attempt: attempt.number }, 'no member of etcd is left of the attempt')
  },

  'report-failed': async ({ attempt, failure }, { server, journal, memory, situation, machine }) => {
    machine.status('reporting the failed attempt')
    try {
      const certificate = situation.journal.attempt?.certificate
      memory.enrolment = await server.outcome({
        outcome: 'failed',
        attempt,
        ...failure,
        ...(certificate && { certificate })
      })
    } catch (error) {
      // the server closed the attempt by itself, or ended the enrolment: it knows
      if (!(error instanceof Refused && (error.code === 'illegal-event' || error.code === 'not-found'))) throw error
      delete memory.enrolment
    }
    await writeAttempt(journal, situation, { reported: true })
  },

  reset: async (_, context) => {
    const { machine, journal, memory, clock } = context
    // as it is just now: whatever was read before, nobody else's join is taken back, and no node that is well
    const { attempt, ...rest } = await journal.read()
    const refusal = refusesReset(attempt, ...(await presentState(machine, attempt)))
    if (attempt?.failure === undefined || refusal !== undefined) {
      return waitBecause(context, `not cleaned up after the failed attempt: ${refusal}`)
    }
    machine.status('cleaning up after the failed attempt')
    if (!attempt.untouched) await machine.reset()
    const failures = [...(rest.failures ?? []), { attempt: attempt.number, failure: attempt.failure }].slice(
      -failuresKept
    )
    await journal.write({ failures })
    delete memory.observation
    // an operator who retries has waited long enough
    if (typeof memory.enrolment === 'object' && memory.enrolment.state === 'failed') return
    const pause = attemptPause(attempt.failure.class, failures.length, clock.random())
    memory.nextAttemptAt = clock.monotonic() + pause
  }
}

/** What the guards judge by, whatever was read before. */
const presentState = async (
  machine: Machine,
  attempt: Attempt | undefined
): Promise<[JoinState, NodeReadiness | undefined]> => {
  const join = await machine.joinState()
  return [join, attempt && join.certificate && (await machine.nodeReadiness(attempt.nodeName))]
}

const waitBecause = (context: Context, reason: string): Promise<void> => {
  context.machine.status(reason)
  context.log.warn(reason)
  return waitForChange(context, 10)
}

/** As many as an approval allows attempts. */
const failuresKept = 3

const isEnded = ({ enrolment }: Situation): boolean =>
  typeof enrolment === 'object' && ['rejected', 'removed'].includes(enrolment.state)
