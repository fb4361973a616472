import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { serversAtMost, serverUrl } from '@joinery/protocol'
import { readKept } from '../../keys/kept.ts'
import { machineIds } from '../../machine/host/machine-ids.ts'

/** The servers that a server has named, kept through a reboot. */
export interface LearnedServers {
  read(): Promise<string[]>
  keep(servers: readonly string[]): Promise<void>
}

interface Stored {
  pin: string
  servers: string[]
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
  const serversIn = (stored: Stored): string[] =>
    stored.pin === pin ? stored.servers.flatMap((text) => serverUrl(text) ?? []).slice(0, serversAtMost) : []
  return {
    read: async () => readKept((await files.read(path)) ?? '', await machineIds(files), serversIn) ?? [],
    keep: async (servers) => {
      const { machineId, productUuid } = await machineIds(files)
      await files.write(path, JSON.stringify({ machineId, productUuid, pin, servers }), 0o600)
    }
  }
}
