import { enrolled, grant, joinedControlPlane } from '@joinery/testing/pairing/control-planes'
import { cutPower, cuts, joined, ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'
const nodeNames = async ({ cluster }: Pairing) => (await cluster.nodes()).map((node) => node.name)
const comesBack = (
  { cluster }: Pairing,
  { machine, certificate, key }: Awaited<ReturnType<typeof joined>>,
  machineId = machine.facts.machineId
) => cluster.registerNode({ name, certificate, key, machineId, systemUuid: machineId })

t.test('a ready machine that is removed has no Node, and its kubelet cannot bring one back', async (t) => {
  const pairing = await openPairing(t)
  const one = await ready(pairing, name)
  t.match(await pairing.operator.remove(name), { state: 'removed', message: 'removed', node: { condition: 'Gone' } })
  t.same(await nodeNames(pairing), [])
  await t.rejects(comesBack(pairing, one), { message: /this node was removed by Joinery/ })
  await pairing.reconcile()
  const { timeline } = await pairing.operator.show(name)
  t.match(
    timeline.filter(({ event }) => event === 'remove'),
    [{ actor: 'operator', detail: 'ready; worker-1 is banned, and its Node deleted', alert: false }]
  )
  t.same(
    timeline.filter(({ alert }) => alert),
    []
  )
})

t.test('the next machine of that name has it from its claim on', async (t) => {
  const pairing = await openPairing(t)
  const former = await ready(pairing, name)
  await pairing.operator.remove(name)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  await t.rejects(comesBack(pairing, former), { message: /removed by Joinery/ }, 'an approval alone lifts nothing')
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
  t.match(await pairing.operator.show(name), { state: 'joined' })

  await comesBack(pairing, former)
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [], 'the former one that takes the Node over')
})

t.test('a removed machine that returns after somebody lifted the ban goes again, with an alert', async (t) => {
  const pairing = await openPairing(t)
  const one = await ready(pairing, name)
  await pairing.operator.remove(name)
  await pairing.cluster.unban(name)
  await comesBack(pairing, one)
  await pairing.reconcile()
  t.same(await nodeNames(pairing), [])
  t.match((await pairing.operator.show(name)).timeline.at(-1), { event: 'unwanted-node', alert: true })
})

for (const [call, when] of cuts) {
  t.test(`a removal that is cut ${when} ${call} is durable, and is completed later`, async (t) => {
    const pairing = await openPairing(t)
    const one = await ready(pairing, name)
    const { isCut } = cutPower(pairing, call, when)
    t.match(await pairing.operator.remove(name), { state: 'removed', message: /^removed; its Node goes as soon as/ })
    t.ok(isCut())
    await pairing.restart()
    await pairing.reconcile()
    await pairing.reconcile()
    t.same(await nodeNames(pairing), [])
    await t.rejects(comesBack(pairing, one), { message: /removed by Joinery/ })
    t.match(await pairing.operator.show(name), { state: 'removed', message: 'removed' })
  })
}

t.test('of two operators who remove at once one succeeds, and both find the machine removed', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  const answers = await Promise.all([
    refusedWith(pairing.operator.remove(name)),
    refusedWith(pairing.operator.remove(name)),
    pairing.reconcile()
  ])
  t.same(answers.slice(0, 2).sort(), ['illegal-event', undefined])
  t.same(await nodeNames(pairing), [])
})

t.test('while the cluster is away nothing is removed', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  await pairing.cluster.goDown()
  t.equal(await refusedWith(pairing.operator.remove(name)), 'cluster-unavailable')
  await pairing.cluster.comeBack()
  t.match(await pairing.operator.show(name), { state: 'ready' })
  t.same(await nodeNames(pairing), [name])
})

t.test('a control plane is not removed by the server', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  await pairing.cluster.relabelNode(name, { labels: { 'node-role.kubernetes.io/control-plane': '' }, taints: [] })
  await t.rejects(pairing.operator.remove(name), {
    code: 'illegal-event',
    message: /only root on a control-plane host can take its Node away/
  })
  t.match(await pairing.operator.show(name), { state: 'ready' })
  t.same(await nodeNames(pairing), [name])
})

t.test('a control plane is removed only after root has deleted its Node', async (t) => {
  const pairing = await openPairing(t)
  const one = await joinedControlPlane(pairing, 'cp-2')
  const { id } = await pairing.operator.show('cp-2')
  await t.rejects(pairing.operator.remove('cp-2'), {
    code: 'illegal-event',
    remedy: `on another control-plane host than cp-2: sudo joinery remove ${id}`
  })
  t.match(await pairing.operator.show('cp-2'), { state: 'joined' })
  await one.registersAgain()
  await pairing.cluster.deleteNodeAsAdmin('cp-2')
  await pairing.reconcile()
  t.match(await pairing.operator.remove('cp-2'), { state: 'removed', message: 'removed' })
  await t.rejects(one.registersAgain(), { message: /removed by Joinery/ })
})

for (const when of ['before', 'after'] as const) {
  t.test(`a removal of a control plane that is cut ${when} its ban is durable, and is completed later`, async (t) => {
    const pairing = await openPairing(t)
    const one = await joinedControlPlane(pairing, 'cp-2')
    await pairing.cluster.deleteNodeAsAdmin('cp-2')
    const { isCut } = cutPower(pairing, 'ban', when)
    t.match(await pairing.operator.remove('cp-2'), { state: 'removed' })
    t.ok(isCut())
    await pairing.restart()
    await pairing.reconcile()
    await t.rejects(one.registersAgain(), { message: /removed by Joinery/ })
    t.match(await pairing.operator.show('cp-2'), { state: 'removed', message: 'removed' })
  })
}

t.test('of two who remove a control plane at once one succeeds, and both find it removed', async (t) => {
  const pairing = await openPairing(t)
  await joinedControlPlane(pairing, 'cp-2')
  await pairing.cluster.deleteNodeAsAdmin('cp-2')
  const answers = await Promise.all([
    refusedWith(pairing.operator.remove('cp-2')),
    refusedWith(pairing.operator.remove('cp-2')),
    pairing.reconcile()
  ])
  t.same(answers.slice(0, 2).sort(), ['illegal-event', undefined])
  t.match(await pairing.operator.show('cp-2'), { state: 'removed' })
})

t.test('to remove a failed control plane does no harm to the next one of its name', async (t) => {
  const pairing = await openPairing(t)
  const failed = await enrolled(pairing, 'cp-2')
  await approve(pairing, 'cp-2')
  await grant(pairing, 'cp-2')
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await failed.machine.server.claim()
    await failed.machine.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: [] })
  }
  const { id, state } = await pairing.operator.show('cp-2')
  t.equal(state, 'failed')
  const other = await joinedControlPlane(pairing, 'cp-2')
  t.match(await pairing.operator.remove(id), { state: 'removed' })
  await pairing.reconcile()
  await other.registersAgain()
  t.same(await nodeNames(pairing), ['cp-2'])
})

t.test('a waiting enrolment is rejected, not removed', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  for (const step of [() => approve(pairing, name), () => claimToken(machine), () => pairing.reconcile()]) {
    await t.rejects(
      pairing.operator.remove(name),
      { code: 'illegal-event', message: /^remove is not possible/ },
      String(step)
    )
    await step()
  }
})

t.test('to remove an enrolment that expired before any claim asks the cluster nothing', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  pairing.clock.advance(7 * 24 * 3600_000)
  await pairing.reconcile()
  await pairing.cluster.goDown()
  t.match(await pairing.operator.remove(name), { state: 'removed' })
  await pairing.cluster.comeBack()
  await pairing.reconcile()
  t.match((await pairing.operator.show(name)).timeline.at(-1), { detail: 'expired; nothing was given out for it' })
  const other = await joined(pairing, name)
  await t.resolves(comesBack(pairing, other), 'the name is not banned')
})

t.test('to remove a failed enrolment does no harm to the next machine of its name', async (t) => {
  const pairing = await openPairing(t)
  const failed = await pairing.machine()
  await failed.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await failed.server.claim()
    await failed.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: [] })
  }
  const { id, state } = await pairing.operator.show(name)
  t.equal(state, 'failed')
  const other = await ready(pairing, name)
  t.match(await pairing.operator.remove(id), { state: 'removed' })
  await pairing.reconcile()
  await comesBack(pairing, other)
  t.same(await nodeNames(pairing), [name])
  t.match(await pairing.operator.show(name), { state: 'ready' })
})

t.test('an operator sees what runs under a name, with the Node’s own labels and taints', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  const taints = [{ key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }]
  await pairing.cluster.relabelNode(name, { labels: { rack: 'r7' }, taints })
  await pairing.cluster.bindPod('web', name)
  await pairing.cluster.bindPod('elsewhere', 'worker-2')
  t.match(await pairing.operator.holder(name), {
    node: { condition: 'Ready', message: '', labels: { rack: 'r7' }, taints },
    pods: [{ namespace: 'default', name: 'web', controller: '' }]
  })
  await pairing.operator.remove(name)
  t.same(Object.keys(await pairing.operator.holder(name)), ['pods'])
  await pairing.cluster.goDown()
  t.equal(await refusedWith(pairing.operator.holder(name)), 'cluster-unavailable')
})

t.test('a reference without an enrolment is not found', async (t) => {
  const { operator } = await openPairing(t)
  for (const reference of ['worker-9', '\u001b[31m', 'x'.repeat(253)]) {
    t.equal(await refusedWith(operator.remove(reference)), 'not-found', reference)
    t.equal(await refusedWith(operator.holder(reference)), 'not-found', reference)
  }
})
