import { type Stage, stageLines } from '@joinery/agent/machine/rehearsal/kubeadm-texts.ts'
import t from 'tap'
import { makeReady } from '../../demo/kubelet-side.ts'
import { openRehearsal } from '../rehearsal/open-rehearsal.ts'
import { eventually } from './cluster-fixture.ts'
import { machineContract } from './machine-contract.ts'

machineContract(t, 'a rehearsal machine', async (nodeName) => {
  const { cluster, machine, apiEndpoint, credential, certificate } = await openRehearsal(nodeName)
  const forgotten = new Set<string>()
  const forgetRequests = async () => {
    for (const { name } of await cluster.kubeletCsrs()) forgotten.add(name)
  }
  return {
    machine,
    apiEndpoint,
    nodeName,
    credential: async (attempt) => {
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
    joinAndKill: async (given, line) => {
      const [stage] = Object.entries(stageLines).find(([, [first]]) => first.startsWith(line)) ?? []
      machine.killNextJoin(stage as Stage, 'printed')
      await machine.startJoin(given)
    },
    connectNetwork: () => makeReady(cluster, nodeName),
    reboot: async () => {
      machine.powerOff()
      await forgetRequests()
      await machine.reboot()
    },
    close: async () => machine.powerOff()
  }
})
