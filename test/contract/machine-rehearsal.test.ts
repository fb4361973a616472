import t from 'tap'
import { makeReady } from '../rehearsal/kubelet-side.ts'
import { openRehearsal } from '../rehearsal/open-rehearsal.ts'
import { eventually } from './cluster-fixture.ts'
import { machineContract } from './machine-contract.ts'

machineContract(t, 'a rehearsal machine', async (nodeName) => {
  const { cluster, machine, apiEndpoint, credential } = await openRehearsal(nodeName)
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
    approve: async () => {
      const csr = await eventually('a request is made', async () =>
        (await cluster.kubeletCsrs()).find(({ name }) => !forgotten.has(name))
      )
      await cluster.approveCsr(csr)
      return eventually('it is issued', async () => (await cluster.csr(csr.name))?.certificate)
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
