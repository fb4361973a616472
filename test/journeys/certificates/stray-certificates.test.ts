import { certificateRequest } from '@joinery/agent/testing/keys'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletRequest, servingRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { joinOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

const kept = /this node was removed by Joinery/

const approved = async (pairing: Pairing, name: string) => {
  const made = await pairing.machine()
  const machine = Object.assign(made, { facts: { ...made.facts, addresses: ['10.0.0.7'] } })
  await machine.enrol((await pairing.code(name)).code, { facts: machine.facts })
  await approve(pairing, name)
  return machine
}
const joined = async (pairing: Pairing, name: string) => {
  const machine = await approved(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  const certificate = await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
  return { machine, holder: { certificate, key } }
}
/** The signer reads another request than the guard did, for this node; gives what the thief can register with. */
const misread = async (pairing: Pairing, name: string, other: string) => {
  const machine = await approved(pairing, name)
  const { request, key } = await kubeletRequest(other)
  pairing.cluster.signInstead(request)
  const { csr } = await withApprovedCsr(pairing, machine, name)
  const issued = async () => (await pairing.cluster.csr(csr))?.certificate
  const certificate = await eventually('it is issued', issued)
  pairing.cluster.signInstead(undefined)
  const ids = { machineId: 'a'.repeat(32), systemUuid: 'a'.repeat(32) }
  return { machine, csr, registration: { name: other, certificate, key, ...ids } }
}
const nodes = async ({ cluster }: Pairing) => (await cluster.nodes()).map(({ name }) => name)
const alerts = async ({ operator }: Pairing, name: string) =>
  (await operator.show(name)).timeline.filter(({ alert }) => alert).map(({ detail }) => detail)
const passes = async (pairing: Pairing, count = 3) => {
  for (let pass = 0; pass < count; pass += 1) await pairing.reconcile()
}

t.test('a certificate for another node bans both names, and the worker is deleted', async (t) => {
  const pairing = await openPairing(t)
  const other = await joined(pairing, 'worker-2')
  const { csr, registration } = await misread(pairing, 'worker-1', 'worker-2')
  await passes(pairing)
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
  t.same(await pairing.cluster.tokens(), [])
  t.same(await nodes(pairing), [])
  await t.rejects(pairing.cluster.registerNode(registration), kept, 'the thief stays out')
  await t.rejects(pairing.cluster.registerNode({ ...registration, ...other.holder }), kept, 'and whoever it was')
  const said = `${csr}: the cluster issued certificate serial`
  t.same((await alerts(pairing, 'worker-1')).filter((detail) => detail.startsWith(said)).length, 1)
  const [first = '', ...more] = await alerts(pairing, 'worker-2')
  t.match(first, `for worker-2 was issued for ${csr}, a request of worker-1`)
  t.same(more, [], 'each thing is said once')
  t.match(await pairing.operator.show('worker-2'), { state: 'joined', node: { condition: 'Gone' } })
})

t.test('a certificate for a control plane bans its name, and its Node stays', async (t) => {
  const pairing = await openPairing(t)
  await joinOutside(pairing.cluster, pairing.clock, 'cp-1')
  const labels = { 'node-role.kubernetes.io/control-plane': '' }
  await pairing.cluster.relabelNode('cp-1', { labels, taints: [] })
  const { registration } = await misread(pairing, 'worker-1', 'cp-1')
  await passes(pairing)
  t.same(await nodes(pairing), ['cp-1'])
  await t.rejects(pairing.cluster.registerNode(registration), kept)
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
})

t.test('a certificate for an unknown name deletes its worker, also one that registers late', async (t) => {
  const pairing = await openPairing(t)
  const { cluster } = pairing
  const { promise: registered, resolve: letBan } = Promise.withResolvers<void>()
  const { ban } = cluster
  t.teardown(letBan)
  // the server may see the certificate before this test does
  Object.assign(cluster, { ban: (...args: Parameters<typeof ban>) => registered.then(() => ban(...args)) })
  const { registration } = await misread(pairing, 'worker-1', 'worker-9')
  await cluster.registerNode(registration)
  letBan()
  await passes(pairing)
  t.same(await nodes(pairing), [])
  await t.rejects(pairing.cluster.registerNode(registration), kept)
})

t.test('a certificate without a name of a node alerts, and the machine is kept out', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing, 'worker-1')
  const { request } = await kubeletRequest('worker-1', { organization: 'system:masters', commonName: 'admin' })
  pairing.cluster.signInstead(request)
  const { csr } = await withApprovedCsr(pairing, machine, 'worker-1')
  await eventually('it is issued', async () => (await pairing.cluster.csr(csr))?.certificate)
  await passes(pairing)
  t.match(await alerts(pairing, 'worker-1'), [
    /its subject is O=system:masters, CN=admin, but O=system:nodes, CN=system:node:worker-1 was granted/
  ])
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
})

/** The server dies at the call of that name: before it reaches the cluster, or after. */
const dying = (pairing: Pairing, call: 'ban' | 'deleteNode', name: string, when: 'before' | 'after') => {
  const original = pairing.cluster[call].bind(pairing.cluster) as (...args: unknown[]) => Promise<void>
  pairing.cluster[call] = async (...args: unknown[]) => {
    const [target] = args as [string | { name: string }]
    if ((typeof target === 'string' ? target : target.name) !== name) return original(...args)
    if (when === 'after') await original(...args)
    throw new Error('the server died')
  }
  return () => {
    pairing.cluster[call] = original
  }
}

for (const call of ['ban', 'deleteNode'] as const) {
  for (const when of ['before', 'after'] as const) {
    t.test(`a server that dies ${when} its ${call} completes it after its return`, async (t) => {
      const pairing = await openPairing(t)
      await joinOutside(pairing.cluster, pairing.clock, 'worker-9')
      const revive = dying(pairing, call, 'worker-9', when)
      const { registration } = await misread(pairing, 'worker-1', 'worker-9')
      await passes(pairing)
      revive()
      await pairing.restart()
      await passes(pairing)
      t.same(await nodes(pairing), [])
      await t.rejects(pairing.cluster.registerNode(registration), kept)
      const banned = ({ event }: { event: string }) => event === 'banned'
      t.equal((await pairing.operator.show('worker-1')).timeline.filter(banned).length, 2, 'of each name, once')
    })
  }
}

t.test('a pass between the end of the trust and the deletion says nothing twice', async (t) => {
  const pairing = await openPairing(t)
  await joined(pairing, 'worker-2')
  const revive = dying(pairing, 'ban', 'worker-2', 'before')
  const { csr } = await misread(pairing, 'worker-1', 'worker-2')
  const untrusted = async () => (await alerts(pairing, 'worker-2')).length > 0
  await eventually('nobody trusts it any more', async () => {
    await pairing.reconcile().catch(() => undefined)
    return (await untrusted()) || undefined
  })
  t.same(await nodes(pairing), ['worker-2'], 'its Node is still there')
  await passes(pairing)
  revive()
  await passes(pairing)
  t.same(await nodes(pairing), [])
  const [first = '', ...more] = await alerts(pairing, 'worker-2')
  t.match(first, `for worker-2 was issued for ${csr}, a request of worker-1`)
  t.same(more, [], 'each thing is said once')
})

t.test('a machine that is released and approved again joins, and nothing of it is banned again', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await misread(pairing, 'worker-1', 'worker-9')
  await passes(pairing)
  await pairing.operator.release('worker-1', { key: machine.identity.fingerprint })
  await approve(pairing, 'worker-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await passes(pairing)
  t.match(await pairing.operator.show('worker-1'), { state: 'joined' })
  await register(pairing, machine, 'worker-1', csr, key)
})

t.test('a refused request that a person approves by hand is checked too', async (t) => {
  const pairing = await openPairing(t)
  const [id = '', secret = ''] = (await claimToken(await approved(pairing, 'worker-1'))).token.split('.')
  const { request, key } = await kubeletRequest('worker-9')
  const csr = await pairing.cluster.submitCsr({ token: { id, secret }, request })
  await pairing.cluster.approveCsr({ name: csr, uid: (await pairing.cluster.csr(csr))?.uid ?? '' })
  const issued = async () => (await pairing.cluster.csr(csr))?.certificate
  const certificate = await eventually('it is issued', issued)
  await passes(pairing)
  const ids = { machineId: 'a'.repeat(32), systemUuid: 'a'.repeat(32) }
  await t.rejects(pairing.cluster.registerNode({ name: 'worker-9', certificate, key, ...ids }), kept)
})

t.test('a client certificate for another node is not handed out', async (t) => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  const machine = await pairing.machine()
  const joinKey = await newJoinKey()
  const request = await certificateRequest(joinKey, 'worker-1')
  await machine.enrol((await pairing.code('worker-1')).code, { joinKey: joinKey.fingerprint })
  await approve(pairing, 'worker-1')
  pairing.cluster.signInstead((await kubeletRequest('worker-9')).request)
  t.equal(await refusedWith(machine.server.claim({ request })), 'illegal-event')
  await passes(pairing)
  t.match(await alerts(pairing, 'worker-1'), [/its subject is .*worker-9/])
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
})

t.test('a serving certificate for other names deletes the Node, and bans its name', async (t) => {
  const pairing = await openPairing(t, { servingCertificates: 'approve' })
  const { holder } = await joined(pairing, 'worker-1')
  const { request } = await servingRequest('worker-1', ['10.0.0.7'])
  const usages = ['digital signature', 'server auth']
  pairing.cluster.signInstead((await servingRequest('worker-1', ['10.96.0.1'])).request)
  const csr = await pairing.cluster.submitCsr({ holder, request, usages, signer: 'kubernetes.io/kubelet-serving' })
  await pairing.reconcile()
  const issued = async () => (await pairing.cluster.csr(csr))?.certificate
  await eventually('it is issued', issued)
  await passes(pairing)
  t.match(await alerts(pairing, 'worker-1'), [
    /it is for dns worker-1, ip 10.96.0.1, but dns worker-1, ip 10.0.0.7 was granted/,
    /its name is banned, the Node is deleted/
  ])
  t.same(await nodes(pairing), [])
  const ids = { machineId: 'a'.repeat(32), systemUuid: 'a'.repeat(32) }
  await t.rejects(pairing.cluster.registerNode({ name: 'worker-1', ...holder, ...ids }), kept)
})
