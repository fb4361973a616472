import { cutPower, cuts, type JoinedMachine, joinByHand, joined, ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'
const nodeNames = async ({ cluster }: Pairing) => (await cluster.nodes()).map((node) => node.name)
const shown = ({ operator }: Pairing) => operator.show(name)
const alerts = async (pairing: Pairing) =>
  (await shown(pairing)).timeline.filter(({ alert }) => alert).map(({ detail }) => detail)

/** Somebody's kubelet on another machine, with what the machine's kubelet holds. */
const thief = ({ certificate, key }: JoinedMachine) => ({
  name,
  certificate,
  key,
  machineId: 'e'.repeat(32),
  systemUuid: 'e'.repeat(32)
})
const otherCertificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: 'ABCD' }

t.test('a Node that becomes another machine is deleted and banned, and the enrolment says why', async (t) => {
  const pairing = await openPairing(t)
  const victim = await ready(pairing, name)
  await pairing.cluster.registerNode(thief(victim))
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [])
  t.match(await alerts(pairing), [
    /machine id e{32}, but the enrolled machine has .*; its name is banned, the Node is deleted$/
  ])
  await t.rejects(pairing.cluster.registerNode(thief(victim)), { message: /this node was removed by Joinery/ })

  await pairing.reconcile()
  t.match(await shown(pairing), {
    state: 'ready',
    message: /^ready, but Node worker-1 has machine id e{32}/,
    node: { condition: 'Gone' }
  })
  t.equal((await alerts(pairing)).length, 1, 'said once')
})

t.test('a Node whose agent holds another certificate is deleted and banned', async (t) => {
  const pairing = await openPairing(t)
  const { machine, certificate, key } = await joined(pairing, name)
  await machine.server.outcome({ outcome: 'ready', certificate: otherCertificate })
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [])
  t.match(await alerts(pairing), [/^the agent holds certificate ABCD, but .* was issued; its name is banned/])
  const { machineId } = machine.facts
  const again = { name, certificate, key, machineId, systemUuid: machineId }
  await t.rejects(pairing.cluster.registerNode(again), { message: /removed by Joinery/ })
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'joined', message: /^joined, but the agent holds certificate ABCD/ })
})

t.test('a Node whose agent spoke late, of another certificate, is deleted and banned', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await joined(pairing, name)
  pairing.clock.advance(600_000)
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', confirmed: false })
  await machine.server.outcome({ outcome: 'ready', certificate: otherCertificate })
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [])
  t.match(await shown(pairing), { state: 'ready', message: /^ready, but the agent holds certificate ABCD/ })
})

t.test('a Node that comes back after somebody lifted the ban goes again, with another alert', async (t) => {
  const pairing = await openPairing(t)
  const victim = await ready(pairing, name)
  await pairing.cluster.registerNode(thief(victim))
  await pairing.reconcile()
  await pairing.cluster.unban(name)
  await pairing.cluster.registerNode(thief(victim))
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [])
  t.equal((await alerts(pairing)).length, 2)
})

for (const [call, when] of cuts) {
  t.test(`a server that dies ${when} ${call} completes it, with one alert`, async (t) => {
    const pairing = await openPairing(t)
    const victim = await ready(pairing, name)
    const { isCut } = cutPower(pairing, call, when)
    await pairing.cluster.registerNode(thief(victim))
    await pairing.reconcile()
    t.ok(isCut())
    await pairing.restart()
    await pairing.reconcile()
    t.same(await nodeNames(pairing), [])
    await t.rejects(pairing.cluster.registerNode(thief(victim)), { message: /removed by Joinery/ })
    t.equal((await alerts(pairing)).length, 1)
  })
}

t.test('two servers at once delete and ban such a Node, with one alert', async (t) => {
  const pairing = await openPairing(t)
  const victim = await ready(pairing, name)
  await pairing.cluster.registerNode(thief(victim))
  await Promise.all([pairing.reconcile(), pairing.reconcile()])
  t.same(await nodeNames(pairing), [])
  t.equal((await alerts(pairing)).length, 1)
})

t.test('an operator sees that the cluster lets the server delete no Node', async (t) => {
  const pairing = await openPairing(t)
  const victim = await ready(pairing, name)
  await joined(pairing, 'worker-2')
  // what an administrator takes for a control plane
  await pairing.cluster.relabelNode(name, { labels: { 'node-role.kubernetes.io/control-plane': '' }, taints: [] })
  await pairing.cluster.registerNode(thief(victim))
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [name, 'worker-2'])
  t.match(await alerts(pairing), [/its name is banned, a control plane, which an administrator deletes$/])
  await t.rejects(pairing.cluster.registerNode(thief(victim)), { message: /removed by Joinery/ })
})

t.test('a Node that Joinery did not let in stays, whatever wants its name', async (t) => {
  const pairing = await openPairing(t)
  const waits = await pairing.machine()
  await waits.enrol((await pairing.code(name)).code)
  await joinByHand(pairing, name)
  await pairing.reconcile()
  t.equal(await refusedWith(approve(pairing, name)), 'name-in-use')
  await pairing.operator.reject(name, { reason: 'not ours' })
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [name])
  t.same(await alerts(pairing), [])
})

t.test('a kubelet that has not said its machine is left in peace', async (t) => {
  const pairing = await openPairing(t)
  const one = await ready(pairing, name)
  await pairing.cluster.registerNode({ ...thief(one), machineId: '', systemUuid: '' })
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [name])
  t.same(await alerts(pairing), [])
})
