import { certificateRequest } from '@joinery/agent/testing/keys'
import { connect } from '@joinery/cli/testing/session'
import type { State } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const name = 'worker-1'
const openServer = (t: Test): Promise<Pairing> => openPairing(t, { credential: 'certificate' })

/** A machine that may claim a client certificate, and asks with it for its kubelet's. */
const approved = async (pairing: Pairing) => {
  const machine = await pairing.machine()
  const joinKey = await newJoinKey()
  await machine.enrol((await pairing.code(name)).code, { joinKey: joinKey.fingerprint })
  await approve(pairing, name)
  const claim = async () => machine.server.claim({ request: await certificateRequest(joinKey, name) })
  const ask = async (certificate: string) =>
    pairing.cluster.submitCsr({
      holder: { certificate, key: joinKey.key },
      request: (await kubeletRequest(name)).request
    })
  return { machine, claim, ask }
}
const claimed = async (pairing: Pairing) => {
  const { claim, ask } = await approved(pairing)
  const credential = await claim()
  if (!('certificate' in credential)) throw new Error('it is a token')
  return { claim, ask: () => ask(credential.certificate) }
}
const reject = (pairing: Pairing) => pairing.operator.reject(name, { reason: 'stolen' })
/** Over a connection of its own: it waits for its turn, and what is asked over the same one waits behind it. */
const rejecting = async (t: Test, pairing: Pairing) => {
  const operator = connect(pairing.config.operators.socket)
  t.teardown(() => operator.close())
  const rejection = operator.reject(name, { reason: 'stolen' })
  await seen(pairing, 'rejected')
  return { rejection }
}
const seen = ({ operator }: Pairing, state: State) =>
  eventually(`it is ${state}`, async () => (await operator.show(name)).state === state)
const isBanned = async (pairing: Pairing) => (await pairing.cluster.bans()).has(name)
const removed = { message: /this node was removed by Joinery/ }

/** Approved under the name of a machine that was ready and was removed. */
const successor = async (pairing: Pairing) => {
  await ready(pairing, name)
  await pairing.operator.remove(name)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  return machine
}

t.test('a rejection during the unban of a repeated claim leaves the name banned', async (t) => {
  const pairing = await openServer(t)
  const { claim, ask } = await claimed(pairing)
  const unban = pairing.cluster.holdUp('unban')
  const again = refusedWith(claim())
  await unban.sent
  const { rejection } = await rejecting(t, pairing)
  await unban.arrive()
  await rejection
  t.equal(await again, 'illegal-event', 'and the claim gets nothing')
  t.ok(await isBanned(pairing))
  await t.rejects(ask(), removed)
})

t.test('an unban that arrives after the end of its attempt is undone at once', async (t) => {
  const pairing = await openPairing(t)
  const machine = await successor(pairing)
  const unban = pairing.cluster.holdUp('unban')
  const claim = refusedWith(machine.server.claim())
  await unban.sent
  const { rejection } = await rejecting(t, pairing)
  await unban.arrive()
  await rejection
  t.equal(await claim, 'illegal-event')
  t.ok(await isBanned(pairing), 'and no sweep is needed for it')
})

for (const restarted of [false, true]) {
  const also = restarted ? ', also by a server that was restarted' : ''
  t.test(`the next sweep undoes an unban that nobody waits for any more${also}`, async (t) => {
    const pairing = await openServer(t)
    const { claim, ask } = await claimed(pairing)
    const unban = pairing.cluster.holdUp('unban')
    const again = refusedWith(claim())
    await unban.sent
    unban.giveUp()
    t.equal(await again, 'cluster-unavailable')
    await reject(pairing)
    t.ok(await isBanned(pairing))
    if (restarted) await pairing.restart()
    await pairing.reconcile()
    await unban.arrive()
    t.notOk(await isBanned(pairing))
    await pairing.reconcile()
    t.ok(await isBanned(pairing))
    await t.rejects(ask(), removed)
  })

  t.test(`the next sweep lifts a late ban of a name that another machine has${also}`, async (t) => {
    const pairing = await openServer(t)
    await claimed(pairing)
    const ban = pairing.cluster.holdUp('ban')
    const rejection = reject(pairing)
    await ban.sent
    ban.giveUp()
    await rejection
    await pairing.reconcile()
    const { ask } = await claimed(pairing)
    await ban.arrive()
    t.ok(await isBanned(pairing))
    if (restarted) await pairing.restart()
    await pairing.reconcile()
    t.notOk(await isBanned(pairing))
    await t.resolves(ask())
  })
}

t.test('a ban whose enrolment lost the name meanwhile is not made', async (t) => {
  const pairing = await openServer(t)
  const { claim } = await claimed(pairing)
  const unban = pairing.cluster.holdUp('unban')
  const again = refusedWith(claim())
  await unban.sent
  const { rejection } = await rejecting(t, pairing)
  const next = await approved(pairing)
  const claims = next.claim()
  await seen(pairing, 'joining')
  await unban.arrive()
  await rejection
  await claims
  t.equal(await again, 'illegal-event')
  t.notOk(await isBanned(pairing))
})

t.test('a claim that is refused lifts no ban', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  await pairing.operator.remove(name)
  t.ok(await isBanned(pairing))
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  const { nameHolder } = pairing.cluster
  // rejected when all was asked, and nothing is committed
  pairing.cluster.nameHolder = async (asked) => {
    pairing.cluster.nameHolder = nameHolder
    await reject(pairing)
    return nameHolder(asked)
  }
  let lifted = 0
  const { unban } = pairing.cluster
  pairing.cluster.unban = async (asked) => {
    lifted += 1
    return unban(asked)
  }
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
  t.equal(lifted, 0)
  t.ok(await isBanned(pairing))
})

t.test('a removed machine is banned again after the next machine of its name is over', async (t) => {
  const pairing = await openPairing(t)
  const machine = await successor(pairing)
  await claimToken(machine)
  t.notOk(await isBanned(pairing))
  await pairing.reconcile()
  t.notOk(await isBanned(pairing), 'not while it joins')
  await reject(pairing)
  await pairing.reconcile()
  t.ok(await isBanned(pairing))
})

t.test('the next sweep restores a ban that somebody deleted by hand, and keeps one that somebody made', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  await ready(pairing, 'worker-2')
  await pairing.operator.remove(name)
  await pairing.cluster.unban(name)
  await pairing.cluster.banAsAdmin('worker-2')
  await pairing.cluster.banAsAdmin('worker-3')
  await pairing.reconcile()
  t.same([...(await pairing.cluster.bans()).keys()].sort(), [name, 'worker-2', 'worker-3'])
})

t.test('a ban is noted after it is made', async (t) => {
  const pairing = await openServer(t)
  await claimed(pairing)
  const noted = async () =>
    (await pairing.operator.show(name)).timeline.filter(({ event }) => event === 'banned').length
  await pairing.cluster.goDown()
  await reject(pairing)
  await pairing.reconcile()
  t.equal(await noted(), 0)
  await pairing.cluster.comeBack()
  await pairing.restart()
  await pairing.reconcile()
  t.equal(await noted(), 1)
  t.ok(await isBanned(pairing))
})

t.test('a ban list that cannot be read holds up nothing else, and is logged', async (t) => {
  const pairing = await openPairing(t)
  pairing.cluster.bans = async () => {
    throw new Error('the API server forbids it')
  }
  await ready(pairing, name)
  t.match(pairing.log, /the ban list could not be compared with the store/)
  t.match(await pairing.operator.show(name), { state: 'ready' })
})
