import 'reflect-metadata'
import { container, type DependencyContainer, type InjectionToken, instanceCachingFactory } from 'tsyringe'
import { Clock, systemClock } from './clock.ts'
import { CodeSource, codeSource } from './code-source.ts'
import type { AgentConfig } from './config.ts'
import { loadIdentity } from './identity.ts'
import { JoinKeyFile, joinKeyFile } from './join-key.ts'
import { JournalFile } from './journal.ts'
import { Log, makeLog } from './log.ts'
import { Files } from './machine/files.ts'
import { Machine } from './machine/machine.ts'
import { machineIds } from './machine/machine-ids.ts'
import { Door } from './pairing/door.ts'
import { httpPairingServer } from './pairing/http-pairing-server.ts'
import { PairingServer } from './pairing/pairing-server.ts'
import { tcpDoor } from './pairing/tcp-door.ts'
import { SealKeyFile, sealKeyFile } from './seal-key.ts'
import { Show } from './status/show.ts'
import { noWatchdog, StartWatchdog } from './watchdog.ts'

/**
 * The composition root. Machine and files are given, so that the program decides between the real ones and others; a test
 * registers over any other part. `credentials`: $CREDENTIALS_DIRECTORY, where systemd gives one.
 */
export const createContainer = (
  config: AgentConfig,
  machine: Machine,
  files: Files,
  stateDirectory: string,
  credentials?: string
): DependencyContainer => {
  const c = container.createChildContainer()
  const once = <T>(token: InjectionToken<T>, make: (c: DependencyContainer) => T) =>
    c.register(token, { useFactory: instanceCachingFactory(make) })

  once(Log, () => makeLog())
  once(Clock, () => systemClock)
  once(Machine, () => machine)
  once(Files, () => files)
  once(CodeSource, () => codeSource({ files, codeFile: config.codeFile, credentials, stateDirectory }))
  once(StartWatchdog, () => noWatchdog)
  once(JournalFile, () => new JournalFile(files, stateDirectory))
  const identity = async () => loadIdentity(files, stateDirectory, await machineIds(files))
  once(SealKeyFile, () => sealKeyFile(files, stateDirectory, identity))
  once(JoinKeyFile, () => joinKeyFile(files, stateDirectory))
  once(Door, () => tcpDoor)
  // nobody looks, but where the program says otherwise
  once(Show, () => () => {})
  once(PairingServer, () => httpPairingServer(config.server, config.pin, identity))
  return c
}
