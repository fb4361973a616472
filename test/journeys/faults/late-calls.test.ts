import { callTimeout } from '@joinery/kube'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approved, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const attemptLasts = 600_000

/** A token that the server asked for, got no answer about, and whose enrolment was rejected meanwhile. */
const lostCreation = async (pairing: Pairing) => {
  const machine = await approved(pairing)
  const creation = pairing.cluster.holdUp('createToken')
  const claim = refusedWith(machine.server.claim())
  await creation.sent
  creation.giveUp()
  const answer = await claim
  await pairing.operator.reject('worker-1', { reason: 'stolen' })
  await pairing.reconcile()
  return { creation, answer }
}

t.test('the next sweep deletes a token that comes after its client gave up and a rejection', async (t) => {
  const pairing = await openPairing(t)
  const { creation, answer } = await lostCreation(pairing)
  t.equal(answer, 'cluster-unavailable')
  t.same(await pairing.cluster.tokens(), [])
  await creation.arrive()
  t.equal((await pairing.cluster.tokens()).length, 1, 'it is there, and nobody asked for it any more')
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
})

t.test('a token that comes late to a restarted server is deleted too', async (t) => {
  const pairing = await openPairing(t)
  const { creation } = await lostCreation(pairing)
  await pairing.restart()
  await pairing.reconcile()
  await creation.arrive()
  t.equal((await pairing.cluster.tokens()).length, 1)
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
})

t.test('a token that comes just before its deadline and a restart is deleted too', async (t) => {
  const pairing = await openPairing(t)
  const { creation } = await lostCreation(pairing)
  pairing.clock.advance(attemptLasts - 10_000)
  await pairing.reconcile()
  await creation.arrive()
  await pairing.restart()
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
})

t.test('each sweep, and no pass, deletes a token until it can come no more', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  let deletions = 0
  const { deleteToken } = pairing.cluster
  pairing.cluster.deleteToken = async (id) => {
    deletions += 1
    return deleteToken(id)
  }
  const deleted = async (what: () => Promise<unknown>): Promise<number> => {
    deletions = 0
    await what()
    return deletions
  }
  await claimToken(machine)
  t.equal(await deleted(() => pairing.operator.reject('worker-1', { reason: 'no' })), 1)
  t.equal(await deleted(() => pairing.look()), 0, 'a pass between')
  t.equal(await deleted(() => pairing.reconcile()), 1, 'a sweep')
  pairing.clock.advance(attemptLasts)
  t.equal(await deleted(() => pairing.reconcile()), 1, 'its deadline is over, an answer may be on its way')
  pairing.clock.advance(callTimeout)
  t.equal(await deleted(() => pairing.reconcile()), 1, 'the last time')
  t.equal(await deleted(() => pairing.reconcile()), 0, 'it can come no more')
  await pairing.restart()
  t.equal(await deleted(() => pairing.reconcile()), 0, 'and that is durable')
})

t.test('the next pass repeats a deletion that was cut before or after it', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const pairing = await openPairing(t)
    await claimToken(await approved(pairing))
    const { deleteToken } = pairing.cluster
    pairing.cluster.deleteToken = async (id) => {
      pairing.cluster.deleteToken = deleteToken
      if (when === 'after') await deleteToken(id)
      throw new Error('the power was cut')
    }
    await pairing.operator.reject('worker-1', { reason: 'no' })
    await pairing.restart()
    await pairing.reconcile()
    t.same(await pairing.cluster.tokens(), [], when)
  }
})
