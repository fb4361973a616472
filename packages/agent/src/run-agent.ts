import type { DependencyContainer } from 'tsyringe'
import { Clock } from './clock.ts'
import { CodeSource } from './code-source.ts'
import type { AgentConfig } from './config.ts'
import { JoinKeyFile } from './join-key.ts'
import { JournalFile } from './journal.ts'
import { Log } from './log.ts'
import { runLoop } from './loop.ts'
import { bootId } from './machine/boot-id.ts'
import { Files } from './machine/files.ts'
import { Machine } from './machine/machine.ts'
import { Door } from './pairing/door.ts'
import { PairingServer } from './pairing/pairing-server.ts'
import { SealKeyFile } from './seal-key.ts'
import { Show } from './status/show.ts'
import { StartWatchdog } from './watchdog.ts'

/** The agent with the parts of the container, until nothing is left to do or `signal` aborts. */
export const runAgent = async (
  container: DependencyContainer,
  config: AgentConfig,
  signal: AbortSignal
): Promise<'done' | 'stopped'> => {
  const { name } = config
  const files = container.resolve(Files)
  const machine = container.resolve(Machine)
  const boot = await bootId(files)
  const watchdog = container.resolve(StartWatchdog)()
  return runLoop({
    machine,
    server: container.resolve(PairingServer),
    journal: container.resolve(JournalFile),
    joinKey: container.resolve(JoinKeyFile),
    sealKey: container.resolve(SealKeyFile),
    clock: container.resolve(Clock),
    log: container.resolve(Log),
    door: container.resolve(Door),
    show: container.resolve(Show),
    codes: container.resolve(CodeSource),
    config,
    wantedName: async () => name ?? (await machine.facts()).hostname,
    bootId: boot,
    turned: watchdog.turned,
    signal
  }).finally(watchdog.stop)
}
