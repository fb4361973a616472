import { certificateRequest } from '@joinery/agent/certificate-request.ts'
import t, { type Test } from 'tap'
import { newJoinKey } from './join-keys.ts'
import { approve, openPairing, type Pairing } from './pairing.ts'

const refused = { code: 'cluster-unsafe', message: /a Secret of another type is not refused/ }

const approved = async (pairing: Pairing) => {
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  return machine
}

const withoutPolicy = async (t: Test) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const undo = await pairing.cluster.unbindTokenPolicy()
  return { pairing, machine, undo }
}

t.test('a server that starts in a cluster which does not hold it makes no token until it does', async (t) => {
  const { pairing, machine, undo } = await withoutPolicy(t)
  await pairing.restart()
  await t.rejects(machine.server.claim(), refused)
  t.same(await pairing.cluster.tokens(), [])
  t.match(pairing.log, 'does not hold this server within its bounds')
  t.match((await pairing.operator.status()).remedies, [
    /does not hold this server.*; joinery-server setup --kubeconfig/
  ])
  await undo()
  t.match(await machine.server.claim(), { attempt: 1 }, 'nobody has to restart it')
  t.same((await pairing.operator.status()).remedies, [])
})

t.test('a policy that is taken away later is missed by the next sweep', async (t) => {
  const { pairing, machine, undo } = await withoutPolicy(t)
  await pairing.reconcile()
  await t.rejects(machine.server.claim(), refused)
  t.same(await pairing.cluster.tokens(), [])
  await undo()
})

t.test('an attempt that is open gets no token either, and the enrolment goes on when it is mended', async (t) => {
  const { pairing, machine, undo } = await withoutPolicy(t)
  await undo()
  await machine.server.claim()
  await pairing.cluster.unbindTokenPolicy()
  await pairing.reconcile()
  await t.rejects(machine.server.claim(), refused)
  await undo()
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('a cluster that cannot be asked is no reason to forget what it has proven', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await pairing.reconcile()
  await pairing.cluster.goDown()
  await pairing.reconcile()
  await pairing.cluster.comeBack()
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('a cluster that never answered proves nothing', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  await pairing.cluster.goDown()
  await pairing.restart()
  await t.rejects(machine.server.claim(), { code: 'cluster-unavailable' })
  await pairing.cluster.comeBack()
  t.match(await machine.server.claim(), { attempt: 1 })
})

t.test('status tells both what approves by itself and what does not hold the server', async (t) => {
  const { pairing } = await withoutPolicy(t)
  await pairing.cluster.bindBootstrappersToNodeclient()
  t.match((await pairing.operator.status()).remedies, [/auto-approve-csrs-for-group/, /another type is not refused/])
})

/** A machine whose code gets a certificate, approved; gives its claim. */
const approvedByCertificate = async (pairing: Pairing) => {
  const joinKey = await newJoinKey()
  const machine = await pairing.machine()
  const { code } = await pairing.operator.createCode({ ttl: 600, name: 'worker-1', credential: 'certificate' })
  await machine.enrol(code, { joinKey: joinKey.fingerprint })
  await approve(pairing, 'worker-1')
  return async () => machine.server.claim({ request: await certificateRequest(joinKey, 'worker-1') })
}

t.test('a certificate does not wait for what only a token needs', async (t) => {
  const pairing = await openPairing(t)
  const claim = await approvedByCertificate(pairing)
  await pairing.cluster.unbindTokenPolicy()
  await pairing.cluster.bindBootstrappersToNodeclient()
  await pairing.restart()
  await pairing.reconcile()
  t.match(await claim(), { attempt: 1, nodeName: 'worker-1' })
})

t.test('a server that gives out certificates asks for nothing that tokens need', async (t) => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  await pairing.cluster.unbindTokenPolicy()
  await pairing.cluster.bindBootstrappersToNodeclient()
  const claim = await approvedByCertificate(pairing)
  await pairing.restart()
  await pairing.reconcile()
  t.same((await pairing.operator.status()).remedies, [])
  t.match(await claim(), { attempt: 1 })
  t.notMatch(pairing.log, 'does not hold')
})

t.test('a server that gives out certificates and may still make Secrets says so, and goes on', async (t) => {
  const pairing = await openPairing(t)
  pairing.config.credential = 'certificate'
  await pairing.restart()
  const claim = await approvedByCertificate(pairing)
  await pairing.reconcile()
  t.match(await claim(), { attempt: 1 })
  t.match((await pairing.operator.status()).remedies, [
    /bounds: a token for one attempt is not refused; joinery-server setup --kubeconfig/
  ])
  t.match(pairing.log, 'does not hold this server within its bounds')
})
