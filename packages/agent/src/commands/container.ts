import 'reflect-metadata'
import { Files } from '@joinery/host/files'
import { container, type DependencyContainer, type InjectionToken, instanceCachingFactory } from 'tsyringe'
import { CodeSource, codeSource } from '../code/code-source.ts'
import { machineIds } from '../host/machine-ids.ts'
import { UnitStatus } from '../host/unit-status.ts'
import { JournalFile } from '../journal/journal.ts'
import { loadIdentity } from '../keys/identity.ts'
import { JoinKeyFile, joinKeyFile } from '../keys/join-key.ts'
import { SealKeyFile, sealKeyFile } from '../keys/seal-key.ts'
import { MachinePorts } from '../machine/port/machine-ports.ts'
import { Door } from '../pairing/door.ts'
import { PairingServer } from '../pairing/pairing-server.ts'
import { openServers, Servers } from '../pairing/servers/open-servers.ts'
import { tcpDoor } from '../pairing/tcp-door.ts'
import { Clock, systemClock } from '../program/clock.ts'
import type { AgentConfig } from '../program/config.ts'
import { Log, makeLog } from '../program/log.ts'
import { noWatchdog, StartWatchdog } from '../program/watchdog.ts'
import { Show } from '../status/show.ts'

/**
 * The composition root. The caller gives machine and files, so that the program chooses the real ones or others. A
 * test registers over any other part. `credentials` is $CREDENTIALS_DIRECTORY, if systemd gives one.
 */
export const createContainer = (
  config: AgentConfig,
  machine: MachinePorts,
  files: Files,
  stateDirectory: string,
  credentials?: string
): DependencyContainer => {
  const c = container.createChildContainer()
  const once = <T>(token: InjectionToken<T>, make: (c: DependencyContainer) => T) =>
    c.register(token, { useFactory: instanceCachingFactory(make) })

  once(Log, () => makeLog())
  once(Clock, () => systemClock)
  once(MachinePorts, () => machine)
  once(Files, () => files)
  once(CodeSource, () => codeSource({ files, codeFile: config.codeFile, credentials, stateDirectory }))
  once(StartWatchdog, () => noWatchdog)
  once(JournalFile, () => new JournalFile(files, stateDirectory))
  const identity = async () => loadIdentity(files, stateDirectory, await machineIds(files))
  once(SealKeyFile, () => sealKeyFile(files, stateDirectory, identity))
  once(JoinKeyFile, () => joinKeyFile(files, stateDirectory))
  once(Door, () => tcpDoor)
  // nobody looks, unless the program says otherwise
  once(UnitStatus, () => () => {})
  once(Show, () => () => {})
  once(Servers, (c) =>
    openServers({
      config,
      files,
      stateDirectory,
      identity,
      clock: c.resolve(Clock),
      log: c.resolve(Log),
      changed: (servers) => c.resolve(Show)({ servers })
    })
  )
  once(PairingServer, (c) => c.resolve(Servers).server)
  return c
}
