import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { logGroup, logResources } from '@joinery/kube/log'
import { namespace } from '@joinery/kube/names'
import type { ServerConfig } from '@joinery/server/testing/config'
import type { FakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { served } from '@joinery/testing/cluster/fake/served'
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
  const api = kind === 'file' ? undefined : await served({ teardown: (end) => void ends.push(end) }, door.cluster)
  const servers: ServerProcess[] = []
  for (const [index, state] of states.entries()) {
    await mkdir(state)
    if (index > 0) for (const file of shared) await copyFile(join(states[0] as string, file), join(state, file))
    await initServer({ stateDirectory: state, configFile: join(own, `${names[index]}.yaml`), now, store })
    if (api !== undefined) await writeFile(join(state, 'kubeconfig'), api.kubeconfig)
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
  const [one, other] = servers as [ServerProcess, ServerProcess | undefined]
  const server = other === undefined ? one : serverPair(one, other)
  return {
    server,
    states,
    remember: async () => {
      const putBack = remembered(door.cluster)
      const { text } = await door.cluster.generation()
      return async () => {
        for (const each of servers) await each.kill()
        putBack()
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

/** Resources of the log, and of the Leases by which its servers agree. */
const kept = [
  { group: 'coordination.k8s.io', plural: 'leases' },
  ...logResources.map((plural) => ({ group: logGroup, plural }))
]

/** Remembers the log as it is, and the Leases of its servers. The result puts them back, and leaves everything else. */
const remembered = ({ fake: { objects } }: FakeCluster): (() => void) => {
  const all = () =>
    kept.flatMap((resource) => objects.list(resource, namespace).map((object) => ({ resource, object })))
  const before = all()
  return () => {
    for (const { resource, object } of all()) objects.delete(resource, object.metadata.name, namespace)
    for (const { resource, object } of before) objects.putBack(resource, object)
  }
}
