import { ProblemError } from '@joinery/protocol'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { askForCertificate, claimed } from '@joinery/testing/pairing/steps'
import t from 'tap'

const uidOf = async ({ cluster }: Pairing, csr: string) => (await cluster.csr(csr))?.uid ?? ''

/** From now on the call does this; gives the undo. */
const instead = <C extends 'approveCsr' | 'denyCsr'>(pairing: Pairing, call: C, work: Pairing['cluster'][C]) => {
  const original = pairing.cluster[call]
  pairing.cluster[call] = work
  return () => {
    pairing.cluster[call] = original
  }
}
const dies = async () => {
  throw new ProblemError('cluster-unavailable', { detail: 'the server died' })
}

t.test('a late approval after the end of the attempt finds its request denied', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  const undo = instead(pairing, 'approveCsr', dies)
  const { csr } = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  undo()
  await pairing.operator.reject('worker-1', { reason: 'the wrong machine' })
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: true })
  const late = pairing.cluster.approveCsr({ name: csr, uid: await uidOf(pairing, csr) })
  await t.rejects(late, { code: 'illegal-event' })
})

t.test('a server that dies between commit and denial denies the request after its return', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  const undo = instead(pairing, 'denyCsr', dies)
  const { csr } = await askForCertificate(pairing, token, 'worker-2')
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen', 'what was decided is durable before')
  t.match(await pairing.cluster.csr(csr), { denied: false })
  undo()
  await pairing.restart()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { denied: true })
})

t.test('a server that dies after the denial writes no second entry', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  const { denyCsr } = pairing.cluster
  const undo = instead(pairing, 'denyCsr', async (csr) => {
    await denyCsr(csr)
    return dies()
  })
  const { csr } = await askForCertificate(pairing, token, 'worker-2')
  await pairing.reconcile()
  const { timeline } = await pairing.operator.show('worker-1')
  undo()
  await pairing.restart()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { denied: true })
  const after = (await pairing.operator.show('worker-1')).timeline
  t.equal(after.filter(({ detail }) => detail.includes(csr)).length, 1)
  t.equal(after.length, timeline.length)
})

t.test('a request that somebody approved before its denial holds up nothing', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  const { denyCsr } = pairing.cluster
  const undo = instead(pairing, 'denyCsr', async (csr) => {
    await pairing.cluster.approveCsr(csr)
    return denyCsr(csr)
  })
  const { csr } = await askForCertificate(pairing, token, 'worker-2')
  await pairing.reconcile()
  undo()
  t.match(await pairing.cluster.csr(csr), { approved: true, denied: false })
  t.notMatch((await pairing.operator.show('worker-1')).message, /cluster unreachable/)
})

t.test('an earlier policy that lets the server deny nothing holds up no other machine', async (t) => {
  const pairing = await openPairing(t)
  instead(pairing, 'denyCsr', dies)
  const [one, other] = [await claimed(pairing, 'worker-1'), await claimed(pairing, 'worker-2')]
  await askForCertificate(pairing, one.token, 'cp-1')
  const { csr } = await askForCertificate(pairing, other.token, 'worker-2')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: true })
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
})

t.test('every request of a loop is denied', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  const csrs: string[] = []
  for (let count = 0; count < 45; count += 1) csrs.push((await askForCertificate(pairing, token, 'worker-1')).csr)
  for (let pass = 0; pass < 4; pass += 1) await pairing.reconcile()
  const seen = await Promise.all(csrs.map((csr) => pairing.cluster.csr(csr)))
  t.equal(seen.filter((csr) => csr?.approved).length, 1)
  t.equal(seen.filter((csr) => csr?.denied).length, 44)
})
