import { hasFailed, isFinal } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Attempt } from '../journal/journal.ts'
import { endedBeforeEtcd, phases as phasesOf } from '../journal/stages.ts'
import type { JoinState, Looking, NodeReadiness } from '../machine/port/looking.ts'
import { Refused } from '../pairing/pairing-server.ts'
import type { Situation } from '../plan/plan.ts'
import { isIdentified, refusesLeaving, refusesReset } from '../plan/recovery.ts'
import type { Context, Executors } from './context.ts'
import { attemptPause } from './pauses.ts'
import { waitForChange } from './wait-for-change.ts'
import { writeAttempt } from './write-attempt.ts'

/** The steps after an attempt failed. */
export const recover: Executors<'close' | 'leave-etcd' | 'report-failed' | 'reset'> = {
  close: async (step, { looking, joining, journal, memory, situation, say, log }) => {
    const { output } = situation.join
    say('closing the attempt that failed')
    await joining.closeJoin()
    const closed = await looking.joinState()
    // kubeadm was quicker than the agent: what is on the disk decides, and the next plan is to go on
    if (isIdentified(closed) && !isEnded(situation)) return
    const failure = step.failure ?? (await looking.explainFailure(output))
    const { certificate } = closed
    const phases = phasesOf(output)
    await writeAttempt(journal, situation, {
      failure,
      ...(phases.length > 0 && { phases }),
      ...given({ certificate }),
      ...(endedBeforeEtcd(output) && { leftEtcd: true })
    })
    delete memory.observation
    log.warn(failure, 'the attempt failed and was closed')
  },

  'leave-etcd': async (_, context) => {
    const { looking, joining, etcd, journal, say, log } = context
    const { attempt, ...rest } = await journal.read()
    const refusal = refusesLeaving(attempt, ...(await presentState(looking, attempt)))
    if (attempt?.controlPlane === undefined || refusal !== undefined)
      return waitBecause(context, `this machine does not leave etcd: ${refusal}`)
    say('taking this machine out of etcd after the failed attempt')
    const { nodeName, controlPlane } = attempt
    const { address, etcdHosts = [] } = controlPlane
    const reason = await etcd.leaveEtcd({ address, nodeName }, etcdHosts).catch(async (error) => {
      // after a power cut the vote of this machine may be the one that etcd lacks
      await etcd.startEtcd(address)
      throw error
    })
    if (reason !== undefined) return waitBecause(context, `this machine stays a member of etcd: ${reason}`)
    await joining.closeJoin()
    await journal.write({ ...rest, attempt: { ...attempt, leftEtcd: true } })
    log.info({ attempt: attempt.number }, 'no member of etcd is left of the attempt')
  },

  'report-failed': async ({ attempt, failure }, { server, journal, memory, situation, said, say }) => {
    const lines = said.last()
    say('reporting the failed attempt')
    try {
      const certificate = situation.journal.attempt?.certificate
      memory.enrolment = await server.outcome({
        outcome: 'failed',
        attempt,
        ...failure,
        ...given({ certificate }),
        said: lines
      })
    } catch (error) {
      // the server closed the attempt by itself, or ended the enrolment: it knows
      if (!(error instanceof Refused && (error.code === 'illegal-event' || error.code === 'not-found'))) throw error
      delete memory.enrolment
    }
    await writeAttempt(journal, situation, { reported: true })
  },

  reset: async (_, context) => {
    const { looking, joining, journal, memory, say, clock } = context
    // as it is just now: the agent takes back nobody else's join, and no node that is well
    const { attempt, ...rest } = await journal.read()
    const refusal = refusesReset(attempt, ...(await presentState(looking, attempt)))
    if (attempt?.failure === undefined || refusal !== undefined) {
      return waitBecause(context, `the failed attempt is not cleaned up: ${refusal}`)
    }
    say('cleaning up after the failed attempt')
    if (!attempt.untouched) await joining.reset()
    const failures = [...(rest.failures ?? []), { attempt: attempt.number, failure: attempt.failure }].slice(
      -failuresKept
    )
    await journal.write({ failures })
    delete memory.observation
    // an operator who retries has waited long enough
    if (typeof memory.enrolment === 'object' && hasFailed(memory.enrolment)) return
    const pause = attemptPause(attempt.failure.class, failures.length, clock.random())
    memory.nextAttemptAt = clock.monotonic() + pause
  }
}

/** The present state, by which the guards judge, whatever was read before. */
const presentState = async (
  looking: Looking,
  attempt: Attempt | undefined
): Promise<[JoinState, NodeReadiness | undefined]> => {
  const join = await looking.joinState()
  return [join, attempt && join.certificate && (await looking.nodeReadiness(attempt.nodeName))]
}

const waitBecause = (context: Context, reason: string): Promise<void> => {
  context.say(reason)
  context.log.warn(reason)
  return waitForChange(context, 10)
}

/** Number of failures in the journal: as many as an approval allows attempts. */
const failuresKept = 3

const isEnded = ({ enrolment }: Situation): boolean => typeof enrolment === 'object' && isFinal(enrolment)
