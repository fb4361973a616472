import { isDeepStrictEqual } from 'node:util'
import { parseCode } from '@joinery/protocol'
import { attemptPause } from './attempt-pause.ts'
import type { Clock } from './clock.ts'
import type { CodeSource } from './code-source.ts'
import type { AgentConfig } from './config.ts'
import type { Attempt, Failure, JournalFile } from './journal.ts'
import type { Logger } from './log.ts'
import { phases as phasesOf, stages as stagesOf } from './machine/kubeadm/stages.ts'
import type { Machine } from './machine/machine.ts'
import type { Memory } from './observe.ts'
import { isOwnLeftover } from './own-leftovers.ts'
import type { Door } from './pairing/door.ts'
import { type PairingServer, Refused } from './pairing/pairing-server.ts'
import type { Situation, Step } from './plan.ts'
import { preflightInput } from './preflight-input.ts'
import { isIdentified, refusesReset } from './recovery.ts'
import type { Show } from './status/show.ts'
import { survey } from './survey.ts'
import { takeBack } from './take-back.ts'
import { waitingFor } from './waiting-for.ts'

export interface StepParts {
  machine: Machine
  server: PairingServer
  journal: JournalFile
  clock: Clock
  log: Logger
  door: Door
  /** Told what is true and what is done, for people at this machine. */
  show: Show
  codes: CodeSource
  config: AgentConfig
  /** Node name to ask for; the code may name another one. */
  wantedName: () => Promise<string>
  signal: AbortSignal
}

export interface Context extends StepParts {
  memory: Memory
  situation: Situation
}

type Executors = {
  [Name in Step['do']]: (step: Extract<Step, { do: Name }>, context: Context) => Promise<unknown>
}

/** One entry a step; one that resolves to `done` ends the agent. A step without an entry does not compile. */
export const executors: Executors = {
  finish: async (_, context) => {
    const { machine, journal, situation } = context
    machine.status('the node is Ready')
    await machine.removeSecrets()
    // at each boot of a machine that is Ready: from a seed that is still attached cloud-init has copied again
    if (situation.code === undefined) await wipe(context)
    const { joined } = situation.journal
    await journal.write({ accepted: true, ...(joined && { joined }) })
    return 'done'
  },

  keep: async ({ reason }, { machine, clock, signal }) => {
    machine.status(reason)
    await clock.sleep(10_000, signal)
  },

  'start-anew': async (_, { journal, log }) => {
    const { accepted, joined } = await journal.read()
    if (!accepted) return
    await journal.write(joined === undefined ? {} : { joined })
    log.info('this machine is no node any more and has a new code: it starts anew')
  },

  'give-up': async ({ reason }, { machine, log }) => {
    log.warn(reason)
    machine.status(reason)
    await machine.removeSecrets()
    return 'done'
  },

  observe: async (_, { machine, memory, situation, clock, config }) => {
    // the look that is repeated while it waits is not what it waits for
    if (memory.observation === undefined) machine.status('looking at this machine')
    const [facts, preflight] = await Promise.all([
      machine.facts(),
      machine.preflight(
        preflightInput(config, memory, situation.policy, isOwnLeftover(situation.journal, situation.join))
      )
    ])
    memory.observation = { value: { facts, preflight }, at: clock.monotonic() }
  },

  mend: async ({ checks }, context) => {
    const { machine, memory, situation, clock, log, signal } = context
    if (memory.mendWaitsSince === undefined) machine.status('mending this machine')
    const { changes, waits } = await machine.mend(checks, situation.policy.remediate)
    for (const { what, ...change } of changes) log.info(change, what)
    memory.mendedAt = clock.monotonic()
    if (waits === undefined) {
      delete memory.mendWaitsSince
      delete memory.observation
      if (checks.some(({ name }) => name === 'earlier-join')) await takeBack(context)
      return
    }
    if (memory.mendWaitsSince === undefined) log.info(`nothing is mended yet: ${waits}`)
    memory.mendWaitsSince ??= clock.monotonic()
    machine.status(`nothing is mended yet: ${waits}`)
    await clock.sleep(1000, signal)
  },

  enrol: async ({ code, observation }, { server, codes, memory, wantedName, machine, log }) => {
    const canonical = parseCode(code)
    if (typeof canonical !== 'string') {
      throw new Refused('code-not-accepted', `${await codes.name()}: ${canonical.problem}`)
    }
    machine.status('enrolling')
    memory.enrolment = await server.enrol({ code: canonical, name: await wantedName(), ...observation })
    memory.reported = observation
    log.info({ enrolment: memory.enrolment.id }, 'enrolled')
    // before the code file goes: where the power is cut between the two, the same enrolment is asked for once more
    await wipe({ codes, log })
    await codes.taken(canonical)
  },

  ask: async (_, { server, memory, codes, log, signal }) => {
    try {
      memory.enrolment = (await server.wait(0, 0, signal)) ?? 'none'
      if (memory.enrolment !== 'none') await wipe({ codes, log })
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'not-found')) throw error
      memory.enrolment = 'none'
    }
  },

  survey: async ({ state }, { server, door, machine, memory, clock }) => {
    machine.status('asking the pairing server about the cluster, and whether it reaches this machine')
    memory.survey = { value: await survey({ server, door, clock }, state), at: clock.monotonic() }
    // with it preflight finds more
    delete memory.observation
  },

  'report-observation': async ({ observation }, { server, memory, machine }) => {
    machine.status('telling the pairing server what changed on this machine')
    memory.enrolment = await server.observe(observation)
    memory.reported = observation
  },

  wait: async ({ seconds, reason }, context) => {
    context.machine.status(waitingFor(reason, context.situation.observation?.preflight ?? []))
    await waitForChange(context, seconds)
  },

  'need-code': async (_, { machine, clock, config, signal, memory }) => {
    machine.status(`no enrolment: put a code into ${config.codeFile}`)
    await clock.sleep(10_000, signal)
    delete memory.enrolment
  },

  'claim-and-join': async (_, { server, machine, journal, memory, situation, log, config }) => {
    machine.status('claiming the credential')
    if (situation.join.unit === 'succeeded') await forgetJoin(machine)
    // beside the claim, so that it costs nothing; where it fails, nothing of the network is ever removed
    const [credential, before] = await Promise.all([server.claim(), machine.networkTraces().catch(() => undefined)])
    const { attempt, nodeName } = credential
    // written before kubeadm starts: what this agent began it may take back after a power cut
    const { bootId } = situation
    await journal.write({
      ...kept(situation),
      attempt: { number: attempt, nodeName, bootId, ...(before && { before }) }
    })
    memory.stagesReported = 0
    // it was before the claim: where kubeadm cannot be started, the server is asked whether the attempt is open
    delete memory.enrolment
    delete memory.nextAttemptAt
    await machine.startJoin(credential, config.nodeIp === undefined ? {} : { nodeIp: config.nodeIp })
    log.info({ attempt, nodeName }, 'kubeadm join started')
  },

  follow: async ({ attempt }, { machine, server, journal, memory, situation, clock, signal }) => {
    const { output } = situation.join
    const stages = stagesOf(output)
    const phases = phasesOf(output)
    // kubeadm's output is lost in a power cut. All the lines of one look are one write, and none where nothing is new.
    if (phases.length > 0 && !isDeepStrictEqual(phases, situation.journal.attempt?.phases)) {
      await writeAttempt(journal, situation, { phases })
    }
    const stage = stages.at(-1)
    machine.status(`joining: ${stage ?? 'kubeadm started'}`)
    for (const fresh of stages.slice(memory.stagesReported)) {
      memory.enrolment = await server.progress({ attempt, stage: fresh })
      memory.stagesReported += 1
    }
    await clock.sleep(500, signal)
  },

  'await-node': async ({ nodeName, certificate }, context) => {
    const { machine, server, journal, memory, situation, log } = context
    // of no use any more, and the wait may be long
    await machine.removeSecrets()
    const { ready, message } = await machine.nodeReadiness(nodeName)
    if (!ready) {
      machine.status(`joined, waiting for the Node to be Ready: ${message}`)
      // kubeadm did not come to its end, and it may be us who stopped the kubelet
      if (situation.join.unit !== 'succeeded') await machine.startKubelet()
      return waitForChange(context, 2)
    }
    memory.enrolment = await server.outcome({ outcome: 'ready', certificate })
    const before = situation.journal.attempt?.before
    await journal.write({ accepted: true, joined: { nodeName, certificate, ...(before && { before }) } })
    log.info({ nodeName }, 'the node is ready')
  },

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

/**
 * Where a power cut made cloud-init write its files again, the mark is in the code file too. A copy that is left is the
 * code of one key that has used it: worth a warning, not a machine that does not join.
 */
const wipe = ({ codes, log }: Pick<StepParts, 'codes' | 'log'>): Promise<void> =>
  codes.wipeCopies().catch((error: Error) => log.warn(`a copy of the code is left on this machine: ${error.message}`))

/** As many as an approval allows attempts. */
const failuresKept = 3

/** What stays in the journal when another attempt begins. */
const kept = ({ journal: { failures } }: Situation): { failures?: { attempt: number; failure: Failure }[] } =>
  failures === undefined ? {} : { failures }

/** The unit of a join that was reset since, in the same boot: systemd would not start it once more. */
const forgetJoin = async (machine: Machine): Promise<void> => {
  const { unit, kubeletConf } = await machine.joinState()
  if (unit === 'succeeded' && !kubeletConf) await machine.closeJoin()
}

const isEnded = ({ enrolment }: Situation): boolean =>
  typeof enrolment === 'object' && ['rejected', 'removed'].includes(enrolment.state)

const waitForChange = async ({ server, memory, signal, clock }: Context, seconds: number): Promise<void> => {
  const known = typeof memory.enrolment === 'object' ? memory.enrolment.revision : 0
  const before = clock.monotonic()
  const newer = await server.wait(known, seconds, signal)
  memory.enrolment = newer ?? memory.enrolment ?? 'none'
  // a server that answers at once all the same must not make a busy loop
  if (newer === undefined && clock.monotonic() - before < 1000) await clock.sleep(1000, signal)
}

const writeAttempt = async (
  journal: JournalFile,
  { journal: { attempt, ...rest } }: Situation,
  part: Partial<Attempt>
): Promise<void> => {
  if (attempt !== undefined) await journal.write({ ...rest, attempt: { ...attempt, ...part } })
}
