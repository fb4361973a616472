import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { createContainer } from '@joinery/agent/testing/commands'
import { runAgent } from '@joinery/agent/testing/loop'
import { UnitStatus } from '@joinery/agent/testing/machine'
import { systemClock } from '@joinery/agent/testing/program'
import { rehearsalMachine } from '@joinery/fake-machine'
import { filesUnder } from '@joinery/host/files'
import { systemClock as serverClock } from '@joinery/server/testing/base'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { kubeletSide } from '@joinery/testing/cluster/kubelet-side'
import { newFacts } from './enrol-request.ts'
import { offer } from './offer.ts'
import type { Address } from './server.ts'

// only its address matters here: no kubelet comes as far as to ask it
const cluster = await kubeletSide(await fakeCluster(serverClock), false)

/** The real agent, its files on disk, on a rehearsal machine. */
const calls = {
  /** From a code to the start of kubeadm. Gives the name of its machine when it waits for approval. */
  join: async ({ port, pin }: Pick<Address, 'port' | 'pin'>, folder: string, code: string): Promise<string> => {
    const files = filesUnder(await mkdtemp(join(folder, 'agent-')))
    await files.write('/code', code, 0o600)
    const waits = Promise.withResolvers<void>()
    const facts = newFacts()
    const machine = await rehearsalMachine({
      facts,
      cluster,
      clock: systemClock,
      runDirectory: '/run/joinery-agent',
      // for the present purpose kubeadm need only be started
      pace: 3_600_000
    })
    const { joining } = machine
    const stop = new AbortController()
    const startJoin: typeof joining.startJoin = async (credential, options) => {
      await joining.startJoin(credential, options)
      started.resolve(process.hrtime.bigint())
      stop.abort()
      machine.powerOff()
    }
    const config = {
      server: `https://127.0.0.1:${port}`,
      pin,
      apiEndpoint: new URL(cluster.server).host,
      codeFile: '/code'
    }
    started = Promise.withResolvers()
    const container = createContainer(config, { ...machine, joining: { ...joining, startJoin } }, files, '/state')
    container.register(UnitStatus, {
      useValue: (text) => {
        if (text.startsWith('waiting for approval')) waits.resolve()
      }
    })
    void runAgent(container, config, stop.signal).catch((error) => started.reject(error))
    await Promise.race([waits.promise, started.promise])
    return facts.hostname
  },

  /** When kubeadm was started, by the clock of `process.hrtime.bigint`. */
  started: (): Promise<bigint> => started.promise
}
export type AgentCalls = typeof calls

let started = Promise.withResolvers<bigint>()

offer(calls)
