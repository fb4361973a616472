import { X509Certificate } from 'node:crypto'
import { connect } from '@joinery/cli/testing/session'
import { cutPower, cuts, joinByHand, ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'
const taint = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }
const unschedulable = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' as const }
const nodeNames = async ({ cluster }: Pairing) => (await cluster.nodes()).map((node) => node.name)

/** A machine that waits for the name which another one has. */
const rebuilt = async (pairing: Pairing, more: object = {}) => {
  const machine = await pairing.machine()
  const { code } = await pairing.operator.createCode({ name, ttl: 1800, ...more })
  await machine.enrol(code)
  const { items } = await pairing.operator.list()
  const { id = '' } = items.find(({ key }) => key === machine.identity.fingerprint) ?? {}
  return { machine, id }
}
/** What an operator does who sees both now. */
const replace = async ({ operator }: Pairing, id: string, uid?: string) => {
  const { revision, key } = await operator.show(id)
  const { node } = await operator.holder(id)
  return operator.approve(id, { revision, key, replace: { uid: uid ?? node?.uid ?? 'none' } })
}

t.test('a rebuilt machine takes the place of the Node of its name, with its labels and taints', async (t) => {
  const pairing = await openPairing(t)
  const { cluster, operator } = pairing
  const former = await ready(pairing, name)
  const { id: formerId } = await operator.show(name)
  const labels = { rack: 'r7', 'kubernetes.io/hostname': name, zone: 'a' }
  await cluster.relabelNode(name, { labels, taints: [taint, unschedulable] })
  const { machine, id } = await rebuilt(pairing, { labels: { zone: 'b' } })
  const orReplace = new RegExp(`joinery approve ${id} --replace; else joinery reject ${id} `)
  await t.rejects(approve(pairing, id), { code: 'name-in-use', remedy: orReplace })

  const certificateExpires = new X509Certificate(former.certificate).validToDate.toISOString()
  t.match(await replace(pairing, id), {
    state: 'approved',
    labels: { rack: 'r7', zone: 'b' },
    taints: [taint],
    former: { enrolment: formerId, certificateExpires }
  })
  t.same(Object.keys((await operator.show(id)).labels ?? {}).sort(), ['rack', 'zone'], "nothing of the kubelet's own")
  t.same(await nodeNames(pairing), [])
  t.match(await operator.show(formerId), { state: 'removed', node: { condition: 'Gone' } })
  const { machineId } = former.machine.facts
  const back = { name, certificate: former.certificate, key: former.key, machineId, systemUuid: machineId }
  await t.rejects(cluster.registerNode(back), { message: /removed by Joinery/ })

  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
  await pairing.reconcile()
  t.match(await cluster.labelsAndTaints(name), { labels: { rack: 'r7', zone: 'b' }, taints: [taint] })
  t.equal((await operator.show(id)).former, undefined, 'the ban is lifted by now')
})

t.test('while Pods are bound to the name the answer is 409, and later the same request goes on', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  await pairing.cluster.bindPod('proxy', name)
  const { id } = await rebuilt(pairing)
  await t.rejects(replace(pairing, id), {
    code: 'name-in-use',
    message: /Pod default\/proxy is bound to worker-1/,
    remedy: /Kubernetes deletes its Pods with the Node.*joinery approve worker-1 --replace$/
  })
  t.same(await nodeNames(pairing), [])
  t.match(await pairing.operator.show(id), { state: 'pending' })
  t.equal(await refusedWith(replace(pairing, id)), 'name-in-use')
  await pairing.restart()
  await pairing.cluster.deletePod('proxy')
  t.match(await replace(pairing, id), { state: 'approved' })
})

t.test('a Node from outside Joinery makes room too, if an operator says so', async (t) => {
  const pairing = await openPairing(t)
  await joinByHand(pairing, name)
  await pairing.cluster.relabelNode(name, { labels: { rack: 'r7' }, taints: [] })
  const { id } = await rebuilt(pairing)
  const approved = await replace(pairing, id)
  t.match(approved, { state: 'approved', labels: { rack: 'r7' } })
  t.equal(approved.former, undefined, 'nothing is known of its certificate')
  t.same(await nodeNames(pairing), [])
  const { timeline } = await pairing.operator.show(id)
  t.match(
    timeline.filter(({ event }) => event === 'replace'),
    [{ actor: 'operator', detail: /^Node worker-1, uid .*; labels rack=r7$/ }]
  )
})

t.test('another Node than the shown one stays, with everything else', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  const { id: formerId } = await pairing.operator.show(name)
  const { id } = await rebuilt(pairing)
  t.equal(await refusedWith(replace(pairing, id, 'another')), 'revision-changed')
  const { key } = await pairing.operator.show(id)
  const { node } = await pairing.operator.holder(id)
  const stale = { revision: 99, key, replace: { uid: node?.uid ?? '' } }
  t.equal(await refusedWith(pairing.operator.approve(id, stale)), 'revision-changed')
  t.same(await nodeNames(pairing), [name])
  t.match(await pairing.operator.show(formerId), { state: 'ready' })
})

t.test('a control plane makes no room', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  await pairing.cluster.relabelNode(name, { labels: { 'node-role.kubernetes.io/control-plane': '' }, taints: [] })
  const { id } = await rebuilt(pairing)
  await t.rejects(replace(pairing, id), {
    code: 'illegal-event',
    message: /only root on a control-plane host can take its Node away/
  })
  t.same(await nodeNames(pairing), [name])
})

t.test('a waiting twin does not stop a replacement, and is shown', async (t) => {
  const pairing = await openPairing(t)
  const { operator } = pairing
  await ready(pairing, name)
  const { id } = await rebuilt(pairing)
  const other = await rebuilt(pairing)
  t.match(await replace(pairing, id), { state: 'approved' })
  t.match(await operator.show(id), { nameConflict: `enrolment ${other.id} (pending)` })
  t.equal(await refusedWith(approve(pairing, other.id)), 'name-in-use', 'the place is taken')
})

t.test('labels above the bound of a code are not carried over', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  const labels = Object.fromEntries(Array.from({ length: 51 }, (_, number) => [`l${number}`, '']))
  await pairing.cluster.relabelNode(name, { labels, taints: [] })
  const { id } = await rebuilt(pairing)
  t.equal(await refusedWith(replace(pairing, id)), 'invalid-label')
  t.same(await nodeNames(pairing), [name])
})

t.test('a retry takes nobody’s place', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  const { id } = await rebuilt(pairing)
  const { revision, key } = await pairing.operator.show(id)
  const request = { revision, key, replace: { uid: 'n' } }
  t.equal(await refusedWith(pairing.operator.retry(id, request)), 'invalid-request')
})

for (const [call, when] of cuts) {
  t.test(`a replacement that is cut ${when} ${call} goes on with its labels at the next request`, async (t) => {
    const pairing = await openPairing(t)
    await ready(pairing, name)
    await pairing.cluster.relabelNode(name, { labels: { rack: 'r7' }, taints: [] })
    await pairing.cluster.bindPod('proxy', name)
    const { id } = await rebuilt(pairing)
    const { isCut } = cutPower(pairing, call, when)
    await refusedWith(replace(pairing, id))
    t.ok(isCut())
    await pairing.restart()
    await pairing.cluster.deletePod('proxy')
    t.match(await replace(pairing, id), { state: 'approved', labels: { rack: 'r7' } })
    t.same(await nodeNames(pairing), [])
  })
}

t.test('a machine that is rejected while the Node makes room is told so, not that Pods are left', async (t) => {
  const pairing = await openPairing(t)
  const { cluster } = pairing
  await ready(pairing, name)
  await cluster.bindPod('proxy', name)
  const { id } = await rebuilt(pairing)
  // a client has one connection, on which the first operator waits
  const another = connect(pairing.config.operators.socket)
  t.teardown(() => another.close())
  const { deleteNode } = cluster
  Object.assign(cluster, {
    deleteNode: async (...args: Parameters<typeof deleteNode>) => {
      Object.assign(cluster, { deleteNode })
      await another.reject(id, { reason: 'not ours' })
      return deleteNode(...args)
    }
  })
  t.equal(await refusedWith(replace(pairing, id)), 'illegal-event')
  t.match(await another.show(id), { state: 'rejected' })
})

t.test('two operators who replace at once approve once', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  const { id } = await rebuilt(pairing)
  const answers = await Promise.all([refusedWith(replace(pairing, id)), refusedWith(replace(pairing, id))])
  // whoever is slower sees another revision, or that it is approved
  for (const code of answers) t.ok([undefined, 'revision-changed', 'illegal-event'].includes(code), code ?? 'approved')
  t.same(await nodeNames(pairing), [])
  if ((await pairing.operator.show(id)).state === 'pending') await replace(pairing, id)
  t.match(await pairing.operator.show(id), { state: 'approved' })
})
