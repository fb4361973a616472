import type { JoinCredential, JoinOptions } from '@joinery/agent/testing/machine'
import { controlPlaneLines, type Stage } from '@joinery/fake-machine'
import { sharedFiles } from '@joinery/protocol/seal'
import { eventually } from '@joinery/testing/clocks/eventually'
import { makeReady } from '@joinery/testing/cluster/kubelet-side'
import t from 'tap'
import { openRehearsal } from '../rehearsal/open-rehearsal.ts'
import { machineContract } from './machine-contract.ts'
import { controlPlaneContract } from './machine-contract-control-plane.ts'

const open = async (nodeName: string) => {
  const { cluster, etcd, endpoint, machine, apiEndpoint, credential, certificate } = await openRehearsal(nodeName)
  const forgotten = new Set<string>()
  const forgetRequests = async () => {
    for (const { name } of await cluster.kubeletCsrs()) forgotten.add(name)
  }
  return {
    machine,
    apiEndpoint,
    nodeName,
    pause: 1,
    credential: async (attempt: number) => {
      await forgetRequests()
      return credential(attempt)
    },
    certificate,
    approve: async () => {
      const last = await eventually('a request is made', async () => {
        const asked = (await cluster.kubeletCsrs()).filter(({ name }) => !forgotten.has(name))
        for (const csr of asked) await cluster.approveCsr(csr)
        return asked.at(-1)
      })
      return eventually('it is issued', async () => (await cluster.csr(last.name))?.certificate)
    },
    joinAndKill: async (given: JoinCredential, line: string, options?: JoinOptions) => {
      const prints = (lines: readonly string[]) => lines.some((one) => one.startsWith(line))
      const [stage] = Object.entries(controlPlaneLines).find(([, lines]) => prints(lines)) ?? []
      machine.killNextJoin(stage as Stage, 'printed')
      await machine.joining.startJoin(given, options)
    },
    connectNetwork: () => makeReady(cluster, nodeName),
    reboot: async () => {
      machine.powerOff()
      await forgetRequests()
      await machine.reboot()
    },
    version: 'v1.37.2',
    keys: Object.fromEntries(
      [...sharedFiles.always, ...sharedFiles.stacked].map((name) => [
        name,
        name === 'ca.crt' ? endpoint.certificateAuthority : `the cluster's ${name}`
      ])
    ),
    etcdHosts: ['172.30.0.1'],
    etcdMembers: () => etcd.client().members(),
    close: async () => machine.powerOff()
  }
}

await machineContract(t, 'a rehearsal machine', open)
await controlPlaneContract(t, 'a rehearsal machine', open)
