import { randomBytes } from 'node:crypto'
import { stateDirectory } from '@joinery/agent/testing/commands'
import { JournalFile } from '@joinery/agent/testing/journal'
import { joinKeyFile, loadIdentity } from '@joinery/agent/testing/keys'
import { bootId, machineIds, paths } from '@joinery/agent/testing/machine'
import { openServers } from '@joinery/agent/testing/pairing'
import {
  lookOnly,
  RecoveryFile,
  recoveryKeyName,
  reportVersion,
  runWayBack,
  type WayBackEnd,
  type WayBackServer
} from '@joinery/agent/testing/way-back'
import { day, version } from '@joinery/protocol'
import { signedAnew } from '../cluster/signed-anew.ts'
import type { Pairing } from '../pairing/pairing.ts'
import { loseNode } from '../pairing/way-back.ts'
import { AgentProcess, type Moment } from './agent-process.ts'
import { type AgentMachine, stepLog } from './agents.ts'

/** A process of `joinery-agent recover` on a machine. */
export interface RunningWayBack {
  /** Resolves when it ends by itself or by `stop`; never after `kill`. */
  ended: Promise<WayBackEnd>
  stop(): void
  /** Ends the process as SIGKILL does. */
  kill(): void
}

/** Everything that differs between the machines of the tests: their world, their server, and the lists that they keep. */
export interface WayBackWorld {
  machine: Pick<AgentMachine['machine'], 'recovering' | 'looking' | 'files'>
  server: WayBackServer
  clock: Pick<AgentMachine['clock'], 'monotonic' | 'random' | 'sleep'>
  /** Time of day of the machine, in milliseconds since 1970. */
  now: () => number
  steps: string[]
  said: string[]
}

/** Runs `joinery-agent recover`, of which `watch` is told every moment, and which waits `wait` milliseconds for an operator. */
export const runRecover = (
  { machine, server, clock, now, steps, said }: WayBackWorld,
  watch: (moment: Moment) => unknown = () => {},
  wait = Number.POSITIVE_INFINITY
): RunningWayBack => {
  const stop = new AbortController()
  const process = new AgentProcess(watch)
  const files = process.around('files', machine.files, 'read', 'exists', 'list', 'stat')
  const { sleep } = process.around('clock', { sleep: clock.sleep.bind(clock) })
  const run = async () =>
    runWayBack({
      recovering: process.around('machine', machine.recovering, 'look', 'ask', 'kubeletLog'),
      looking: machine.looking,
      server: process.around('server', server),
      journal: new JournalFile(files, stateDirectory),
      record: new RecoveryFile(files, stateDirectory),
      key: joinKeyFile(files, stateDirectory, recoveryKeyName),
      clock: { monotonic: clock.monotonic, now, random: clock.random, sleep },
      log: stepLog((step) => {
        process.step = step
        steps.push(step)
      }),
      newValue: () => randomBytes(32).toString('hex'),
      bootId: await bootId(machine.files),
      say: (_, message) => void said.push(message),
      until: clock.monotonic() + wait,
      signal: stop.signal
    })
  return {
    ended: run(),
    stop: () => stop.abort(),
    kill: () => {
      process.kill()
      stop.abort()
    }
  }
}

/**
 * Starts a process and kills it at the first of these moments that it comes to, which goes out of them. False if the process ends by
 * itself.
 */
export const isKilled = (
  start: (watch: (moment: Moment) => unknown) => RunningWayBack,
  left: Set<Moment>
): Promise<boolean> =>
  new Promise((resolve) => {
    const running = start((moment) => {
      if (!left.delete(moment)) return
      running.kill()
      resolve(true)
    })
    void running.ended.then(() => resolve(false))
  })

/** Starts `joinery-agent recover` on the machine. It asks the real pairing server with the kept key. */
export const startWayBack = (
  open: AgentMachine,
  pairing: Pairing,
  watch?: (moment: Moment) => unknown,
  wait?: number
): RunningWayBack => {
  const { machine, clock, steps, said } = open
  const now = nowAt(open, pairing)
  const { recover, claimRecovery, outcome, wait: poll } = serverOf(open, pairing)
  // a poll of a minute takes a second at most
  const short = (after: number, seconds: number, signal: AbortSignal) => poll(after, Math.min(seconds, 1), signal)
  const server = { recover, claimRecovery, outcome, wait: short }
  return runRecover({ machine, server, clock, now, steps, said }, watch, wait)
}

/**
 * Does what `joinery-agent recover` does each hour on a machine that needs nothing. Returns what it prints for people. Throws if the
 * machine needs something.
 */
export const hourlyLook = async (open: AgentMachine, pairing: Pairing): Promise<string> => {
  const { files, recovering } = open.machine
  const look = await lookOnly({ journal: new JournalFile(files, stateDirectory), recovering })
  if (look?.verdict.is !== 'nothing') throw new Error(`the machine needs something: ${look?.verdict.why}`)
  let printed = ''
  await reportVersion({
    files,
    stateDirectory,
    version,
    servers: async () => serverOf(open, pairing),
    tell: (line) => {
      printed += line
    }
  })
  return printed
}

const nowAt =
  ({ ahead }: AgentMachine, { clock }: Pairing) =>
  (): number =>
    clock.right().getTime() + ahead

/** The pairing server that the machine finds by its configuration, with its kept key. */
const serverOf = (open: AgentMachine, pairing: Pairing) => {
  const { config, clock } = open
  const { files } = open.machine
  const identity = async () => loadIdentity(files, stateDirectory, await machineIds(files))
  const times = { now: nowAt(open, pairing), monotonic: clock.monotonic }
  return openServers({ config, files, stateDirectory, identity, clock: times, log: stepLog(() => {}) }).server
}

/**
 * Switches the machine off until its kubelet's certificate is over: the same key, signed anew for a time in the past. Its
 * Node is not Ready then. It boots without an agent. A server that saw the certificate issued doubts that.
 */
export const sleepTooLong = (open: AgentMachine, pairing: Pairing): Promise<void> =>
  whileOff(open, pairing, async ({ files }) => {
    const { certificateAuthority } = await pairing.cluster.endpoint()
    const pem = (await files.read(paths.kubeletCertificate)) ?? ''
    const now = pairing.clock.right().getTime()
    const over = await signedAnew(
      pem,
      { certificate: certificateAuthority, key: pairing.cluster.caKey },
      { notBefore: new Date(now - 366 * day), notAfter: new Date(now - day) }
    )
    const key = pem.slice(pem.indexOf('-----BEGIN PRIVATE KEY-----'))
    await files.write(paths.kubeletCertificate, over + key, 0o600)
  })

/** The same, and the certificate is gone. */
export const loseCertificate = (open: AgentMachine, pairing: Pairing): Promise<void> =>
  whileOff(open, pairing, ({ files }) => files.remove(paths.kubeletCertificate))

const whileOff = async (
  { machine, name }: AgentMachine,
  pairing: Pairing,
  act: (machine: AgentMachine['machine']) => Promise<void>
): Promise<void> => {
  machine.powerOff()
  await act(machine)
  await loseNode(pairing, name)
  await machine.reboot()
}
