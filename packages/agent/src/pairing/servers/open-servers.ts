import type { Files } from '@joinery/host/files'
import { furtherServers } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import type { Identity } from '../../keys/identity.ts'
import type { Clock } from '../../program/clock.ts'
import type { AgentConfig } from '../../program/config.ts'
import type { Logger } from '../../program/log.ts'
import type { PairingServer, WayBackServer } from '../pairing-server.ts'
import { keptPins } from '../pins.ts'
import { anyServer } from './any-server.ts'
import { mayHaveNextKey } from './known-servers.ts'
import { type SeenServer, ServerChoice } from './server-choice.ts'
import { serversFile } from './servers-file.ts'

export interface OpenServers {
  config: Pick<AgentConfig, 'server' | 'servers' | 'pin' | 'nextPin'>
  files: Pick<Files, 'read' | 'write'>
  stateDirectory: string
  identity: () => Promise<Identity>
  clock: Pick<Clock, 'now' | 'monotonic'>
  log: Logger
  /** Called when a server is seen in another condition, or another one is asked. */
  changed?: (servers: readonly SeenServer[]) => void
}

/** The pairing servers of this process: one is asked at a time. */
export interface Servers {
  server: PairingServer & WayBackServer
  /** URL of the server that is asked now. */
  inUse(): string
}
export const Servers = Symbol('Servers') as InjectionToken<Servers>

/** Opens the servers of the configuration, and those that were learned. Connects to none. */
export const openServers = (parts: OpenServers): Servers => {
  const { config, files, stateDirectory, identity, clock, log, changed = () => {} } = parts
  const { server, pin } = config
  const choice = new ServerChoice([server, ...furtherServers(config)], {
    clock,
    changed,
    told: (url, { was, why }) => {
      // of one server the agent says by itself what it gets
      if (choice.servers.length === 1) return
      if (was === 'active') log.debug({ server: url }, 'this server is active')
      else log[was === 'away' ? 'warn' : 'info']({ server: url }, why)
    }
  })
  const learned = serversFile(files, stateDirectory, pin)
  const pins = keptPins(files, stateDirectory, config, (url, pin) => mayHaveNextKey(choice.known, url, pin))
  return { server: anyServer({ choice, pins, identity, clock, learned, log }), inUse: () => choice.inUse }
}
