import t from 'tap'
import { openBed } from './bed/bed.ts'
import { minutes } from './product.ts'
import { earlyKubeletStopped, earlyRuntimeStopped, noPlugin, noPodNetwork } from './why/early-faults.ts'
import { testFault } from './why/fault.ts'
import { kubeletStopped, machineFaults, runtimeStopped } from './why/machine-faults.ts'
import { pluginFaults } from './why/plugin-faults.ts'
import { openSite } from './why/site.ts'

t.setTimeout(0)

/**
 * Two machines that stay up. One thing after the other goes wrong on each, and both `joinery why` and `joinery-agent why` say the true
 * cause first. Each fault is taken back, and the Node is Ready again. `certificate.long.ts` has the first two.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const site = await openSite(bed, (line) => t.comment(line))
const [first, second] = site.workers
const plugin = pluginFaults(site)
const machine = machineFaults(site)

t.test('before the network plugin is there, agents say what the cluster cannot see', { jobs: 2 }, async (t) => {
  t.test(first.name, async (t) => {
    for (const fault of [noPlugin, earlyRuntimeStopped]) await testFault(t, first, fault)
  })
  t.test(second.name, async (t) => {
    for (const fault of [earlyKubeletStopped, noPodNetwork(site)]) await testFault(t, second, fault)
  })
})

t.test('with the network plugin both machines are Ready, and their agents end', async (t) => {
  for (const { machine } of site.workers) await site.plugin.replacePod(machine, {})
  for (const { name, machine } of site.workers) {
    t.match(await site.product.reaches(name, 'ready', 5 * minutes), { confirmed: true, node: { condition: 'Ready' } })
    await machine.waitFor('the agent to end', '! systemctl is-active --quiet joinery-agent', 5 * minutes)
  }
})

// a silence is told apart by a knock, once a minute for each machine: so each has it in turn with something else
const ofFirst = [
  ...[plugin.keptOut, machine.apiCutOff, plugin.unknownImage, plugin.refusedImage, machine.cniBroken, machine.cniMoved],
  ...[plugin.kubeProxyFails, plugin.refusedConnection, plugin.unknownRegistry, plugin.slowImage, plugin.crash]
]
const ofSecond = [
  ...[machine.clockBehind, machine.diskFull, machine.cutOff, runtimeStopped, kubeletStopped],
  ...[machine.clockAhead, machine.certificateGone, machine.kubeletFails]
]
t.test('whatever goes wrong then is said, and the Node is Ready again', { jobs: 2 }, async (t) => {
  t.test(first.name, async (t) => {
    for (const fault of ofFirst) await testFault(t, first, fault)
  })
  t.test(second.name, async (t) => {
    for (const fault of ofSecond) await testFault(t, second, fault)
  })
})
