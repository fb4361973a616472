import t from 'tap'
import { openBed } from './bed/bed.ts'
import { minutes } from './product.ts'
import { testFault } from './why/fault.ts'
import { machineFaults } from './why/machine-faults.ts'
import { pluginFaults } from './why/plugin-faults.ts'
import { openSite } from './why/site.ts'

t.setTimeout(0)

/** The faults of `why.cluster.ts` for which CI has no time, on two machines that stay up. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const site = await openSite(bed, (line) => t.comment(line))
const [first, second] = site.workers
const { crash, kubeProxyFails, refusedConnection, slowImage, unknownRegistry } = pluginFaults(site)
const { runtimeStopped, kubeletStopped, kubeletFails, certificateGone, clockAhead, cniBroken, cniMoved } =
  machineFaults(site)

t.test('with the network plugin both machines are Ready', async (t) => {
  for (const { machine } of site.workers) await site.plugin.replacePod(machine, {})
  for (const { name } of site.workers) {
    t.match(await site.product.reaches(name, 'ready', 5 * minutes), { confirmed: true, node: { condition: 'Ready' } })
  }
})

t.test('whatever goes wrong then is said, and the Node is Ready again', { jobs: 2 }, async (t) => {
  t.test(first.name, async (t) => {
    for (const fault of [cniBroken, cniMoved, kubeProxyFails, refusedConnection, unknownRegistry, slowImage, crash])
      await testFault(t, first, fault)
  })
  t.test(second.name, async (t) => {
    for (const fault of [runtimeStopped, kubeletStopped, clockAhead, certificateGone, kubeletFails])
      await testFault(t, second, fault)
  })
})
