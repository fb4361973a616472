import { CommandEnd } from '@joinery/host/command-end'
import { escapeText } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { printDocument } from '../output/document.ts'
import { decideEach, failuresOf, type Outcome } from '../selection/decide-many.ts'
import { decideOne, type MachinesVerb } from '../selection/machines.ts'
import { enrolmentName } from '../session/references.ts'
import { isForPeople, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import { explainArrival } from '../wait/end-wait.ts'
import type { Awaitable } from '../wait/judge-awaited.ts'
import { waitFor } from '../wait/wait-for.ts'
import { planWave, type WaveRule } from './plan-wave.ts'

/** Waves, and what to wait for in each of them. */
export interface Waves {
  rule: WaveRule
  wanted: Awaitable
  /** Longest wait for a wave, in seconds. */
  timeout: number
}

/**
 * Approves machines wave by wave, each as it was shown, and waits for each wave before the next. Stops when as many have failed as
 * the rule says, or if nobody answers. Throws the failures and a summary, which says how to go on.
 */
export const approveInWaves = async (
  machines: readonly SeenEnrolment[],
  verb: MachinesVerb,
  waves: Waves,
  session: Session
): Promise<void> => {
  const { rule } = waves
  const came: SeenEnrolment[] = []
  const errors: unknown[] = []
  let [begun, number, failed, isCut] = [0, 0, 0, false]
  const total = machines.length
  for (;;) {
    const plan = isCut ? 'stop' : planWave(rule, { total, begun, failed })
    if (typeof plan === 'string') break
    const wave = machines.slice(begun, begun + plan.take)
    number += 1
    session.terminal.err(`Wave ${number}: ${begun + 1} to ${begun + wave.length} of ${total}\n`)
    const outcome = await decideEach(wave, (machine) => decideOne(machine, verb, { dryRun: 'none' }, session))
    const { arrived, late } = await waitForWave(outcome, waves, session)
    came.push(...arrived)
    errors.push(...failuresOf(outcome, ({ name }) => name), ...late)
    begun += wave.length - outcome.untried
    failed += outcome.failures.length + late.length
    isCut = outcome.untried > 0
  }
  printDocument(session, { items: came }, () => came.map((one) => enrolmentName(one)))
  const left = total - begun
  const summary = `${came.length} of ${total} ${waves.wanted}, ${failed} failed${left > 0 ? `, ${left} left as they were` : ''}`
  if (errors.length === 0) {
    session.terminal.err(`${summary}\n`)
    return
  }
  throw new AggregateError([...errors, stopped(errors[0], summary, left)])
}

const waitForWave = async (
  { done }: Outcome<SeenEnrolment, SeenEnrolment>,
  { wanted, timeout }: Waves,
  session: Session
): Promise<{ arrived: SeenEnrolment[]; late: CommandEnd[] }> => {
  const tell = ({ name }: SeenEnrolment): void => {
    if (isForPeople(session.format)) session.terminal.out(`enrolment/${escapeText(name)} ${wanted}\n`)
  }
  const arrivals = await waitFor(done, { wanted, timeout, came: tell }, session)
  return {
    arrived: arrivals.flatMap(({ outcome, last }) => (outcome === 'came' && last !== undefined ? [last] : [])),
    late: arrivals.flatMap((arrival) => explainArrival(arrival, { wanted, timeout }, arrivals) ?? [])
  }
}

/** The last words about waves of which some machines failed. */
const stopped = (first: unknown, summary: string, left: number): CommandEnd => {
  const exitCode = first instanceof CommandEnd ? first.exitCode : exitCodes.failure
  const goOn = 'see what is wrong with those that failed; then the same command goes on with the machines that are left'
  return new CommandEnd(exitCode, left > 0 ? `stopped: ${summary}` : summary, left > 0 ? goOn : undefined)
}
