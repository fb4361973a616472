import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerConfig } from '@joinery/server/testing/config'
import { type KeptObjects, keptObjects } from '@joinery/testing/cluster/kept-objects'
import { initServer } from '@joinery/testing/pairing/init-server'
import type { ClusterDoor } from './cluster-door.ts'
import type { FastTime } from './fast-time.ts'
import { serverPair } from './server-pair.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'

/**
 * - file: one server with its store in a file
 * - cluster: two servers, with their store in the log of the cluster
 * - restored: the same, and once the log is put back to an older moment, under hosts that lost their disks with it
 */
export const kinds = ['file', 'cluster', 'restored'] as const
export type Kind = (typeof kinds)[number]

/** The server or the servers of an episode, with what they keep. */
export interface Site {
  server: ServerProcess
  /** State folders. The first one has the CA. */
  states: readonly string[]
  /** Remembers the log as it is. The result puts it back, and starts both servers with nothing but their keys. */
  remember(): Promise<() => Promise<void>>
  close(): Promise<void>
}

interface SiteParts {
  kind: Kind
  own: string
  program: string
  now: Date
  time: FastTime
  /** Socket of the `ClusterDoor`. */
  cluster: string
  door: ClusterDoor
  configured: Omit<ServerConfig, 'state' | 'operators'>
}

/** Files by which two servers are those of one installation. */
const shared = ['ca.key', 'ca.crt', 'master.key']

/** What a host that is made again from a keys file does not have. */
const lost = ['joinery.db', 'joinery.db-wal', 'joinery.db-shm', 'head-seen']

export const openSite = async (parts: SiteParts): Promise<Site> => {
  const { kind, own, program, now, time, cluster, door, configured } = parts
  const store = kind === 'file' ? 'file' : 'cluster'
  const names = kind === 'file' ? ['a'] : ['a', 'b']
  const states = names.map((name) => join(own, name))
  const ends: (() => unknown)[] = []
  const api = kind === 'file' ? undefined : await keptObjects({ teardown: (end) => void ends.push(end) })
  const servers: ServerProcess[] = []
  for (const [index, state] of states.entries()) {
    await mkdir(state)
    if (index > 0) for (const file of shared) await copyFile(join(states[0] as string, file), join(state, file))
    await initServer({ stateDirectory: state, configFile: join(own, `${names[index]}.yaml`), now, store })
    if (api !== undefined) await writeFile(join(state, 'kubeconfig'), api.kubeconfig())
    const address = `https://127.0.0.${index + 1}:7443`
    const config: ServerConfig = {
      ...configured,
      store,
      state,
      agents: { ...configured.agents, address },
      operators: { socket: join(own, `${names[index]}.sock`) }
    }
    servers.push(serverProcess(program, { config, cluster, time }))
  }
  // as `setup` leaves it: a Lease that nobody has is taken at once
  api?.edit({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 1 })
  const [one, other] = servers as [ServerProcess, ServerProcess | undefined]
  const server = other === undefined ? one : serverPair(one, other)
  return {
    server,
    states,
    remember: async () => {
      const [snapshot, { text }] = [(api as KeptObjects).snapshot(), await door.cluster.generation()]
      return async () => {
        for (const each of servers) await each.kill()
        api?.restore(snapshot)
        // the ban list is in the same etcd
        await door.cluster.writeGenerationAsAdmin(text)
        for (const state of states) for (const name of lost) await rm(join(state, name), { force: true })
        await server.start()
      }
    },
    close: async () => {
      await server.close()
      for (const end of ends) await end()
    }
  }
}
