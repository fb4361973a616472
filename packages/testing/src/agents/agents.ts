import { randomBytes } from 'node:crypto'
import { type Journal, JournalFile } from '@joinery/agent/testing/journal'
import { closeInterruptedJoin } from '@joinery/agent/testing/loop'
import type { PairingServer } from '@joinery/agent/testing/pairing'
import type { AgentConfig, Logger } from '@joinery/agent/testing/program'
import type { Show } from '@joinery/agent/testing/status'
import { closeInterruptedWayBack, RecoveryFile } from '@joinery/agent/testing/way-back'
import type { RehearsalEtcd } from '@joinery/fake-machine'
import { rehearsalMachine } from '@joinery/fake-machine'
import { makeLog } from '@joinery/server/testing/base'
import type { Test } from 'tap'
import { QuickClock } from '../clocks/quick-clock.ts'
import { kubeletSide } from '../cluster/kubelet-side.ts'
import type { Way } from '../doors/doors.ts'
import type { Pairing } from '../pairing/pairing.ts'
import { factsOf } from '../pairing/test-machine.ts'
import { AgentProcess, type Moment } from './agent-process.ts'
import { type AgentProgram, presentAgent } from './agent-program.ts'
import { insist } from './insist.ts'
import { type Network, openNetwork } from './network.ts'

const stateDirectory = '/var/lib/joinery-agent'
const codeFile = '/etc/joinery/code'
const credentials = '/run/credentials/joinery-agent.service'
export const credentialFile = `${credentials}/joinery.code`

/** A rehearsal machine with the real agent on it, and a network of its own to the pairing server. */
export interface AgentMachine {
  /** Host name of the machine, and name of its Node. */
  name: string
  machine: Awaited<ReturnType<typeof rehearsalMachine>>
  network: Network
  config: AgentConfig
  /** Clock of the agent, of kubeadm and of the kubelet. */
  clock: QuickClock
  machineClock: QuickClock
  /** Milliseconds by which its time of day is ahead of the server's. */
  ahead: number
  /** Pin that its configuration has. Another one counts from the next start on. */
  pin: string
  /** The agent that the next start runs. */
  program: AgentProgram
  /** Way that a dial-back by the server takes to this machine. */
  way: Way
  /** Every step that an agent took here, and what `systemctl status` would have shown. */
  steps: string[]
  said: string[]
  /** Called at each moment. The agent goes on when the result resolves. */
  watch: (moment: Moment, agent: RunningAgent) => unknown
  /** Called with what an agent knows and does here. */
  show: Show
  /** Puts a code on the machine. If absent, a new one for its name. */
  putCode(code?: string): Promise<void>
  /** Puts a code on the machine as a credential of the agent's unit, which stays. If absent, a new one for its name. */
  putCredential(code?: string): Promise<void>
  /** True if an agent runs here, and every one that runs waits: it has told the server all that it had to tell. */
  waits(): boolean
  /** Starts the agent, even beside one that runs. */
  start(): RunningAgent
  /** Cuts the power. Then the machine boots, and starts the agent. */
  reboot(): Promise<void>
  journal(): Promise<Journal>
  has(path: string): Promise<boolean>
}

export interface RunningAgent {
  /** The step that the agent is doing now. */
  step(): string
  /** Resolves when the agent ends by itself or by `stop`; never after `kill`. */
  ended: Promise<'done' | 'stopped'>
  /** Ends the agent as SIGTERM does. */
  stop(): void
  /** Ends the agent as SIGKILL does. */
  kill(): void
  /** The pairing server as seen with this agent's key, past the watch. */
  server: PairingServer
}

export interface AgentOptions {
  /** Pin that the agent expects. If absent, the right one. */
  pin?: string
  /** True if the cluster has a network plugin, as it has by default. */
  networkPlugin?: boolean
  /** The etcd that the machine shares with other control planes. */
  etcd?: RehearsalEtcd
  /** Further configuration of the agent. */
  config?: Pick<AgentConfig, 'servers' | 'nextPin' | 'remediate' | 'ignorePreflight'>
}

/** Opens a machine that is switched on, without a code and without a running agent. */
export const openMachine = async (
  t: Test,
  pairing: Pairing,
  name = 'worker-1',
  { pin = pairing.pin, networkPlugin = true, etcd, config: more = {} }: AgentOptions = {}
): Promise<AgentMachine> => {
  const cluster = await kubeletSide(pairing.cluster, networkPlugin, () => pairing.clock.right().getTime())
  const network = await openNetwork(t, () => Number(new URL(pairing.url).port))
  const [said, machineClock] = [[] as string[], new QuickClock()]
  const machine = await rehearsalMachine({
    facts: { ...factsOf(randomBytes(16).toString('hex')), hostname: name },
    cluster,
    ...(etcd && { etcd }),
    clock: machineClock,
    runDirectory: '/run/joinery-agent',
    pace: 1
  })
  const { files } = machine
  const config = { server: network.url, pin, apiEndpoint: new URL(cluster.server).host, codeFile, ...more }
  const running = new Set<RunningAgent>()
  const killAll = () => {
    for (const agent of running) agent.kill()
  }
  t.teardown(() => {
    killAll()
    machine.powerOff()
  })
  const newCode = async () => (await insist('a code is made', () => pairing.code(name))).code
  const open: AgentMachine = {
    name,
    machine,
    network,
    config,
    clock: new QuickClock(),
    machineClock,
    ahead: 0,
    pin,
    program: presentAgent,
    way: 'open',
    steps: [],
    said,
    watch: () => {},
    show: () => {},
    putCode: async (code) => files.write(codeFile, `${code ?? (await newCode())}\n`, 0o600),
    putCredential: async (code) => files.write(credentialFile, code ?? (await newCode()), 0o400),
    waits: () => running.size > 0 && [...running].every((agent) => agent.step() === 'wait'),
    start: () => {
      const agent = startAgent(open, pairing, { ...config, pin: open.pin }, () => running.delete(agent))
      running.add(agent)
      return agent
    },
    reboot: async () => {
      killAll()
      await machine.reboot(async () => {
        await closeInterruptedJoin(machine, new JournalFile(files, stateDirectory), files)
        await closeInterruptedWayBack(new RecoveryFile(files, stateDirectory), files)
      })
      open.start()
    },
    journal: () => new JournalFile(files, stateDirectory).read(),
    has: (path) => files.exists(path)
  }
  return open
}

/** Opens a machine with a code for its name. */
export const openWithCode = async (...given: Parameters<typeof openMachine>): Promise<AgentMachine> => {
  const open = await openMachine(...given)
  await open.putCode()
  return open
}

/** Does something the first time that this moment comes. */
export const onceAt = (open: AgentMachine, moment: Moment, act: () => unknown): void => {
  let done = false
  open.watch = async (seen) => {
    if (done || seen !== moment) return
    done = true
    await act()
  }
}

const startAgent = (open: AgentMachine, pairing: Pairing, config: AgentConfig, gone: () => void): RunningAgent => {
  const { machine, clock, network } = open
  const { createContainer, runAgent, Clock, Door, Log, PairingServer, Show, UnitStatus } = open.program
  const stop = new AbortController()
  const process = new AgentProcess((moment) => open.watch(moment, agent))
  const container = createContainer(
    config,
    process.aroundMachine(machine),
    process.around('files', machine.files, 'read', 'exists', 'list'),
    stateDirectory,
    credentials
  )
  const { sleep } = process.around('clock', { sleep: clock.sleep.bind(clock) })
  const now = () => pairing.clock.now().getTime() + open.ahead
  container.register(Clock, { useValue: { monotonic: clock.monotonic, now, random: clock.random, sleep } })
  const server = container.resolve(PairingServer)
  container.register(PairingServer, { useValue: process.around('server', shortPolls(server, clock)) })
  container.register(UnitStatus, { useValue: (text) => void open.said.push(text) })
  container.register(Show, { useValue: (part) => open.show(part) })
  container.register(Door, {
    useValue: process.around(
      'door',
      pairing.doors.door(() => open.way)
    )
  })
  container.register(Log, {
    useValue: stepLog((step) => {
      process.step = step
      open.steps.push(step)
    })
  })
  const agent: RunningAgent = {
    step: () => process.step,
    server,
    ended: runAgent(container, config, stop.signal).finally(gone),
    stop: () => stop.abort(),
    kill: () => {
      gone()
      process.kill()
      stop.abort()
      network.cut()
    }
  }
  return agent
}

/** An agent's log that tells each step before the agent does it. */
export const stepLog = (told: (step: string) => void): Logger => {
  const log = makeLog({
    write: (line) => {
      const { step } = JSON.parse(line) as { step?: string }
      if (step !== undefined) told(step)
    }
  })
  log.level = 'debug'
  return log
}

/**
 * Shortens the polls of an agent. A poll of a minute takes a second at most here, a short one no time. Both take the
 * full time by the agent's clock.
 */
const shortPolls = (server: PairingServer, clock: QuickClock): PairingServer => ({
  ...server,
  wait: async (after, seconds, signal) => {
    const short = seconds < 10
    const newer = await server.wait(after, short ? 0 : Math.min(seconds, 1), signal)
    if (newer !== undefined || seconds === 0) return newer
    if (short) await clock.sleep(seconds * 1000, signal)
    else clock.pass(seconds * 1000)
    return newer
  }
})
