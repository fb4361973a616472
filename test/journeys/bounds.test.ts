import t, { type Test } from 'tap'
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
