import { attemptPause } from '../attempt-pause.ts'
import { phases as phasesOf } from '../machine/kubeadm/stages.ts'
import { Refused } from '../pairing/pairing-server.ts'
import type { Situation } from '../plan.ts'
import { isIdentified, refusesReset } from '../recovery.ts'
import type { Executors } from './context.ts'
import { waitForChange } from './wait-for-change.ts'
import { writeAttempt } from './write-attempt.ts'

/** What is done with an attempt that failed. */
export const recover: Executors<'close' | 'report-failed' | 'reset'> = {
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
      ...(certificate && { certificate })
    })
    delete memory.observation
    log.warn(failure, 'the attempt failed and was closed')
  },

  'report-failed': async ({ attempt, failure }, { server, journal, memory, situation, machine }) => {
    machine.status('reporting the failed attempt')
    try {
      memory.enrolment = await server.outcome({ outcome: 'failed', attempt, ...failure })
    } catch (error) {
      // the server closed the attempt by itself, or ended the enrolment: it knows
      if (!(error instanceof Refused && (error.code === 'illegal-event' || error.code === 'not-found'))) throw error
      delete memory.enrolment
    }
    await writeAttempt(journal, situation, { reported: true })
  },

  reset: async (_, context) => {
    const { machine, journal, memory, clock, log } = context
    // as it is just now: whatever was read before, nobody else's join is taken back, and no node that is well
    const { attempt, ...rest } = await journal.read()
    const join = await machine.joinState()
    const node = attempt && join.certificate && (await machine.nodeReadiness(attempt.nodeName))
    const refusal = refusesReset(attempt, join, node)
    if (attempt?.failure === undefined || refusal !== undefined) {
      machine.status(`not cleaned up after the failed attempt: ${refusal}`)
      log.warn(refusal)
      return waitForChange(context, 10)
    }
    machine.status('cleaning up after the failed attempt')
    await machine.reset()
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

/** As many as an approval allows attempts. */
const failuresKept = 3

const isEnded = ({ enrolment }: Situation): boolean =>
  typeof enrolment === 'object' && ['rejected', 'removed'].includes(enrolment.state)
