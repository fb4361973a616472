import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ServerConfig } from '@joinery/server/testing/config'
import { kubernetesCluster } from '@joinery/server/testing/kubernetes'
import { createContainer, serve } from '@joinery/server/testing/program'
import { Reconciler } from '@joinery/server/testing/reconcile'
import { WritableStore } from '@joinery/server/testing/store'
import { initServer } from '@joinery/testing/pairing/init-server'
import { enrolmentOf, growth } from './growth-plan.ts'
import { offer } from './offer.ts'
import { usage } from './usage.ts'

let delays: ReturnType<typeof monitorEventLoopDelay> | undefined
let passes = 0

/** The real server on a store that has grown, at an API server of `growth-api`. */
const calls = {
  start: async (folder: string, apiPort: number): Promise<string> => {
    const state = join(folder, 'server')
    await initServer({
      stateDirectory: state,
      configFile: join(folder, 'server.yaml'),
      print: () => {}
    })
    const kubeconfig = join(state, 'kubeconfig')
    await writeFile(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${apiPort}`, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: 'x' } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x'
      })
    )
    const config: ServerConfig = {
      agents: { listen: '127.0.0.1:0', address: 'https://127.0.0.1:7443' },
      operators: { socket: join(folder, 'operator.sock') },
      state,
      credential: 'token'
    }
    const container = await createContainer(config, kubernetesCluster(kubeconfig))
    const store = container.resolve(WritableStore)
    for (let first = 0; first < growth.nodes + growth.ended; first += batch) {
      const count = Math.min(batch, growth.nodes + growth.ended - first)
      const enrolments = Array.from({ length: count }, (_, index) => enrolmentOf(first + index))
      const result = await store.commit({ enrolments })
      if (result !== 'committed') throw new Error(result)
    }
    const reconciler = container.resolve(Reconciler)
    const pass = reconciler.pass.bind(reconciler)
    reconciler.pass = async (sweep) => {
      await pass(sweep)
      passes += 1
    }
    await serve(container, config)
    return config.operators.socket
  },

  /** Begins to measure anew. */
  watchTurns: (): void => {
    delays?.disable()
    passes = 0
    delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
  },

  /** The longest turn in milliseconds, and the passes since. */
  turns: () => ({ longest: (delays?.max ?? 0) / 1e6, passes }),

  usage
}
export type GrowthServerCalls = typeof calls

const batch = 250

offer(calls)
