import { hash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@joinery/server/testing/base'
import { Waiting } from '@joinery/server/testing/commit'
import type { ServerConfig } from '@joinery/server/testing/config'
import { createContainer, serve } from '@joinery/server/testing/program'
import { CodeService } from '@joinery/server/testing/services'
import { sqliteStore, WritableStore } from '@joinery/server/testing/store'
import { type FakeCluster, fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { initServer } from '@joinery/testing/pairing/init-server'
import { openClusterDoor } from './cluster-door.ts'
import { offer } from './offer.ts'
import { usage } from './usage.ts'

/** How agents and operators reach the server. */
export interface Address {
  /** Of the agents' listener, on 127.0.0.1. */
  port: number
  pin: string
  /** PEM of the server's CA. */
  authority: string
  socket: string
  /** Of the agent's package. */
  sha256: string
  /** Unix socket of the rehearsal cluster, as `openClusterDoor` serves it. */
  cluster: string
}

/** Bytes of a package, as the agent's is. */
const packageSize = 32_000_000

let container: Awaited<ReturnType<typeof createContainer>>
let cluster: FakeCluster

/** The real server with its state in a folder, and a rehearsal cluster. */
const calls = {
  /** Goes on with what another server has left in the folder. */
  start: async (folder: string): Promise<Address> => {
    const state = join(folder, 'server')
    const pin = await initServer({
      stateDirectory: state,
      configFile: join(folder, 'server.yaml'),
      print: () => {}
    })
    const agentPackage = join(folder, 'joinery-agent.deb')
    const content = Buffer.alloc(packageSize, 'deb')
    await writeFile(agentPackage, content)
    const config: ServerConfig = {
      agents: { listen: '127.0.0.1:0', address: 'https://127.0.0.1:7443' },
      operators: { socket: join(folder, 'operator.sock') },
      state,
      agentPackage,
      credential: 'token'
    }
    cluster = await fakeCluster(systemClock)
    const socket = join(folder, 'cluster.sock')
    await rm(socket, { force: true })
    await openClusterDoor(cluster, socket)
    container = await createContainer(config, cluster)
    const { port } = await serve(container, config)
    const authority = await readFile(join(state, 'ca.crt'), 'utf8')
    return { port, pin, authority, socket: config.operators.socket, sha256: hash('sha256', content), cluster: socket }
  },

  codes: async (count: number): Promise<string[]> => {
    const service = container.resolve(CodeService)
    const codes: string[] = []
    while (codes.length < count) codes.push((await service.create({ ttl: 3600 })).code)
    return codes
  },

  /** Counts up the revision of every enrolment in one commit. Gives the moment when it was durable. */
  changeAll: async (): Promise<bigint> => {
    const store = container.resolve(WritableStore)
    const enrolments = await store.enrolments()
    const result = await store.commit({ enrolments })
    if (result !== 'committed') throw new Error(result)
    const committed = process.hrtime.bigint()
    for (const { key } of enrolments) container.resolve(Waiting).notify(key)
    return committed
  },

  /**
   * Milliseconds of one durable commit and the Secret of one token, each time: what an approval cannot do without. The commit goes to a
   * store beside that of the server, on the same disk.
   */
  floor: async (folder: string, times: number): Promise<number[]> => {
    const store = sqliteStore(join(folder, 'floor.db'))
    const took: number[] = []
    while (took.length < times) {
      const id = `${took.length}`.padStart(6, 'f')
      const begun = performance.now()
      await store.commit({ enrolments: [anEnrolment(id)] })
      await cluster.createToken({
        id,
        secret: 'f'.repeat(16),
        group: 'system:bootstrappers:joinery:node',
        expires: new Date(Date.now() + 600_000),
        description: 'a floor'
      })
      took.push(performance.now() - begun)
    }
    store.close()
    return took
  },

  usage
}
export type ServerCalls = typeof calls

offer(calls)
