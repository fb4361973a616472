import { Files } from '@joinery/host/files'
import type { DependencyContainer } from 'tsyringe'
import { CodeSource } from '../code/code-source.ts'
import { bootId } from '../host/machine-ids.ts'
import { UnitStatus } from '../host/unit-status.ts'
import { JournalFile } from '../journal/journal.ts'
import { JoinKeyFile } from '../keys/join-key.ts'
import { SealKeyFile } from '../keys/seal-key.ts'
import { MachinePorts } from '../machine/port/machine-ports.ts'
import { Door } from '../pairing/door.ts'
import { PairingServer } from '../pairing/pairing-server.ts'
import { Servers } from '../pairing/servers/open-servers.ts'
import { Clock } from '../program/clock.ts'
import type { AgentConfig } from '../program/config.ts'
import { Log } from '../program/log.ts'
import { StartWatchdog } from '../program/watchdog.ts'
import { Show } from '../status/show.ts'
import { runLoop } from './loop.ts'

/** Runs the agent with the parts of the container, until nothing is left to do or `signal` aborts. */
export const runAgent = async (
  container: DependencyContainer,
  config: AgentConfig,
  signal: AbortSignal
): Promise<'done' | 'stopped'> => {
  const { name } = config
  const files = container.resolve(Files)
  const machine = container.resolve(MachinePorts)
  const boot = await bootId(files)
  const watchdog = container.resolve(StartWatchdog)()
  return runLoop({
    ...machine,
    unitStatus: container.resolve(UnitStatus),
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
    serverInUse: () => container.resolve(Servers).inUse(),
    wantedName: async () => name ?? (await machine.looking.facts()).hostname,
    bootId: boot,
    turned: watchdog.turned,
    signal
  }).finally(watchdog.stop)
}
