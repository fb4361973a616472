import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import { exitCodes } from '@joinery/cli/testing/terminal'
import { CommandEnd } from '@joinery/host/command-end'
import type { Enrolment } from '@joinery/protocol'
import { castOf } from './cast.ts'
import { joineryAt } from './command-line.ts'
import { type DemoConsole, startConsole } from './console.ts'
import { type Act, decide } from './decide.ts'
import { type DemoMachine, startMachine } from './machine.ts'
import { notes } from './notes.ts'
import { type PairingServer, startPairingServer } from './pairing-server.ts'
import type { Screen } from './screen.ts'

/** Between two looks, in milliseconds. */
const interval = 250
/** How long `--once` waits for the four, in milliseconds. */
const patience = 180_000

export interface Demo {
  /** For all that is kept; empty. */
  folder: string
  once: boolean
  screen: Screen
  signal: AbortSignal
  /** Says the link of the console. With `once` there is none: nobody is asked for anything. */
  link(link: string): void
  /** With `once`: all four are Ready, and the server still answers on this socket. */
  finale(socket: string): Promise<unknown>
}

/** Server, machines and agents until `signal` aborts; with `once` until all four are Ready, else it throws why not. */
export const runDemo = async (demo: Demo): Promise<void> => {
  const { folder, once, link, finale } = demo
  const server = await startPairingServer(folder)
  const operator = connect(server.socket)
  const machines: DemoMachine[] = []
  let console: DemoConsole | undefined
  try {
    if (!once) console = await startConsole(server.socket, link)
    for (const part of castOf(once)) {
      const code = await operator.createCode({ name: part.name, ttl: 1800 })
      machines.push(await startMachine(part, join(folder, part.name), code, server.plugin, server.doors.door()))
    }
    await play(demo, server, operator, machines)
    if (once) await finale(server.socket)
  } finally {
    await Promise.all([console?.close(), ...machines.map((machine) => machine.stop())])
    await operator.close()
    await server.close()
  }
}

const play = async (
  { once, screen, signal }: Demo,
  { socket }: PairingServer,
  operator: SocketClient,
  machines: readonly DemoMachine[]
): Promise<void> => {
  const cast = castOf(once)
  const machineOf = (name: string) => machines.find((machine) => machine.name === name)
  const around = {
    joinery: joineryAt(socket),
    faultOf: (name: string) => {
      const fault = machineOf(name)?.fault
      return fault?.isThere ? fault.file : undefined
    }
  }
  const acts: Record<Act['do'], (name: string) => Promise<void>> = {
    approve: (name) => approve(operator, name),
    repair: async (name) => machineOf(name)?.fault?.repair()
  }
  const started = performance.now()
  while (!signal.aborted) {
    for (const { fault } of machines) await fault?.follow()
    const { items } = await operator.list()
    const enrolments = items.toSorted((a, b) => a.name.localeCompare(b.name))
    screen(enrolments, notes(cast, enrolments, around))
    if (once && enrolments.filter(({ state }) => state === 'ready').length === cast.length) return
    if (once && performance.now() - started > patience) throw new Error(tooLate(enrolments))
    for (const act of decide(cast, enrolments, once, new Date())) await acts[act.do](act.name)
    await setTimeout(interval, undefined, { signal }).catch(() => {})
  }
  if (once) throw new Error('stopped before all four were Ready')
}

const approve = async (operator: SocketClient, name: string): Promise<void> => {
  const { revision, key } = await operator.show(name)
  try {
    await operator.approve(name, { revision, key })
  } catch (error) {
    // somebody was faster, or the machine has changed: the next look decides anew
    if (!(error instanceof CommandEnd && error.exitCode === exitCodes.conflict)) throw error
  }
}

const tooLate = (enrolments: readonly Enrolment[]): string =>
  `not Ready within ${patience / 1000} s: ${enrolments
    .filter(({ state }) => state !== 'ready')
    .map(({ name, message }) => `${name} (${message})`)
    .join(', ')}`
