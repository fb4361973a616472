import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { readPin, serversAtMost, serverUrl } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { machineIds } from '../../host/machine-ids.ts'
import { readKept } from '../../keys/kept.ts'
import type { LearnedServer } from './known-servers.ts'

/** The learned servers that may be asked, kept through a reboot. Those that were named only once are not kept: they have to be named anew. */
export interface LearnedServers {
  read(): Promise<LearnedServer[]>
  /** Writes only what has changed. */
  keep(servers: readonly LearnedServer[]): Promise<void>
}

interface Stored {
  pin: string
  /** Earlier agents kept `servers` here, which anybody may have named. */
  proven: { url: string; met?: string }[]
}

/**
 * The learned servers in a folder of the agent. They belong to this machine and to this pin: a copy of the disk, and an agent of another
 * installation, begins with none. So does one whose file is damaged.
 */
export const serversFile = (
  files: Pick<Files, 'read' | 'write'>,
  stateDirectory: string,
  pin: string
): LearnedServers => {
  const path = join(stateDirectory, 'servers.json')
  let kept: string | undefined
  const serversIn = (stored: Stored): LearnedServer[] => (stored.pin === pin ? stored.proven.flatMap(readServer) : [])
  return {
    read: async () => {
      const text = await files.read(path)
      const servers = readKept(text ?? '', await machineIds(files), serversIn)?.slice(0, serversAtMost) ?? []
      kept = text === undefined || servers.length > 0 ? JSON.stringify(toStore(servers)) : undefined
      return servers
    },
    keep: async (servers) => {
      const proven = toStore(servers)
      const text = JSON.stringify(proven)
      if (text === kept) return
      const { machineId, productUuid } = await machineIds(files)
      await files.write(path, JSON.stringify({ machineId, productUuid, pin, proven }), 0o600)
      kept = text
    }
  }
}

const toStore = (servers: readonly LearnedServer[]): Stored['proven'] =>
  servers.filter(({ proven }) => proven).map(({ url, met }) => ({ url, ...given({ met }) }))

const readServer = ({ url: text, met }: Stored['proven'][number]): LearnedServer[] => {
  const url = serverUrl(text)
  return url === undefined ? [] : [{ url, named: 0, proven: true, ...given({ met: readPin(met) }) }]
}
