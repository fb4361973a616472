import { randomInt } from 'node:crypto'
import { seededFor } from '@joinery/testing/chance/seeded'
import { clusterByApi } from '@joinery/testing/cluster/world/cluster-by-api'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import { isAcknowledged } from '../../faults/history.ts'
import { Machine } from '../../faults/machine.ts'
import { operatorOn } from '../../faults/operator.ts'
import type { Act, Step } from '../../faults/plan/way.ts'
import { newRecorder } from '../../faults/recorder.ts'
import { offer } from './offer.ts'

export interface LivesPlan {
  port: number
  authority: string
  socket: string
  /** Of an administrator. */
  kubeconfig: string
  machines: number
}

const acts: Act[] = ['invite', 'enrol', 'approve', 'wait', 'claim', 'progress', 'ask', 'register', 'report-ready']

/** Machines that become Ready, with their kubelets and their operator, of which each is only its protocol. */
const calls = {
  /** One machine after the other, from its code to Ready. Throws if one of them does not come there. */
  live: async ({ port, authority, socket, kubeconfig, machines }: LivesPlan): Promise<void> => {
    const { access, identity } = await readKubeconfig(kubeconfig)
    const cluster = clusterByApi(access, identity, { goDown: async () => {}, comeBack: async () => {} })
    const recorder = newRecorder(Date.now)
    const operator = operatorOn({ socket }, recorder)
    const seed = randomInt(2 ** 31)
    const around = {
      server: { port },
      authority,
      operator,
      cluster,
      recorder,
      secrets: new Set<string>(),
      over: new AbortController().signal,
      patience: { answer: 25_000, step: 60_000, certificate: 30_000 }
    }
    const way: Step[] = acts.map((act) => ({ act, pause: 0, patient: true }))
    for (let number = 0; number < machines; number += 1) {
      await new Machine({ ...around, random: seededFor(seed, number) }, `life-${seed}-${number}`).go(way)
      const last = recorder.exchanges.at(-1)
      if (last?.call !== 'outcome' || !isAcknowledged(last))
        throw new Error(`a machine ended with ${JSON.stringify(last)}`)
    }
    await operator.close()
    await cluster.close()
  }
}
export type MachineLivesCalls = typeof calls

offer(calls)
