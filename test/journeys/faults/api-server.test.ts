import { X509Certificate } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approved, askForCertificate, claimToken, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** What an API server does besides to answer at once, or not at all. */

t.test('while the API server cannot serve, machines are told when to come again, and it is left alone', async (t) => {
  for (const overload of [
    { status: 429, message: 'Too many requests, please try again later.', retryAfter: 7 },
    { status: 503, message: 'the server is currently unable to handle the request', retryAfter: 7 },
    // as etcd without a leader
    { status: 500, message: 'etcdserver: no leader' }
  ] as const) {
    const what = `${overload.status}`
    const pairing = await openPairing(t)
    const machine = await approved(pairing)
    const serveAgain = pairing.cluster.overload(overload)
    await pairing.look()
    let lists = 0
    const { kubeletCsrs } = pairing.cluster
    pairing.cluster.kubeletCsrs = () => {
      lists += 1
      return kubeletCsrs()
    }
    for (let time = 0; time < 5; time += 1) {
      const refused = await machine.server.claim().catch((error: unknown) => error)
      t.match(refused, { code: 'cluster-unavailable', retryAfter: 'retryAfter' in overload ? 7_000 : 1_000 }, what)
    }
    t.ok(lists <= 2, `${what}: ${lists} passes of five nudges`)
    t.match(
      await pairing.operator.show('worker-1'),
      {
        state: 'approved',
        message: new RegExp(`cannot serve now \\(${overload.status}\\): ${overload.message}`)
      },
      overload.message
    )
    t.same(await pairing.cluster.tokens(), [], what)
    serveAgain()
    t.match(await machine.server.claim(), { attempt: 1 }, `${what}: and it goes on`)
  }
})

t.test('a machine joins even if every watch of the server is dead', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  pairing.cluster.silenceWatches()
  const { token } = await claimToken(machine)
  const { csr, key } = await askForCertificate(pairing, token, 'worker-1')
  await eventually('its request is approved', async () => (await pairing.cluster.csr(csr))?.approved)
  await register(pairing, machine, 'worker-1', csr, key)
  await eventually('its Node is seen', async () => (await pairing.operator.show('worker-1')).state === 'joined')
})

t.test('a certificate whose request was forgotten unseen confirms nothing, and stops nobody', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  const { kubeletCsrs } = pairing.cluster
  // what a server does not see that is off between the approval and the csrcleaner
  pairing.cluster.kubeletCsrs = async () => (await kubeletCsrs()).map(({ certificate: _, ...csr }) => csr)
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  const certificate = new X509Certificate(await register(pairing, machine, 'worker-1', csr, key))
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  const { publicKey, serialNumber: serial } = certificate
  await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joined', 'it may still become known')
  pairing.clock.advance(61 * 60_000)
  pairing.cluster.kubeletCsrs = kubeletCsrs
  t.same(await pairing.cluster.kubeletCsrs(), [], 'the csrcleaner was there')
  await pairing.reconcile()
  const { state, confirmed, timeline } = await pairing.operator.show('worker-1')
  t.same([state, confirmed], ['ready', false])
  t.match(
    timeline.findLast(({ event }) => event === 'become-ready'),
    { detail: /the certificate that was issued is not known/, alert: true }
  )
})

t.test('requests of a rejected machine are denied, even if the API server still knows its token', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing)
  pairing.cluster.delay({ tokens: 10_000 })
  const { token } = await claimToken(machine)
  // lets it in, and so remembers it
  const first = await askForCertificate(pairing, token, 'other-name')
  await pairing.operator.reject('worker-1', { reason: 'stolen' })
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
  const late = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  for (const { csr } of [first, late]) {
    t.match(await pairing.cluster.csr(csr), { approved: false, denied: true }, csr)
  }
  pairing.clock.advance(10_000)
  await t.rejects(askForCertificate(pairing, token, 'worker-1'), { message: 'Unauthorized' })
})

t.test('a removal waits for the ban to work, and the next look deletes a Node that came back before', async (t) => {
  const pairing = await openPairing(t)
  const { machine, certificate, key } = await ready(pairing, 'worker-1')
  const { machineId } = machine.facts
  const registersAgain = () =>
    pairing.cluster.registerNode({ name: 'worker-1', certificate, key, machineId, systemUuid: machineId })
  pairing.cluster.delay({ bans: 600 })
  await pairing.operator.remove('worker-1')
  t.equal((await pairing.operator.show('worker-1')).state, 'removed')
  t.same(await pairing.cluster.nodes(), [])
  // another API server is still behind
  pairing.cluster.delay({ bans: 3_600_000 })
  await registersAgain()
  t.equal((await pairing.cluster.nodes()).length, 1)
  pairing.cluster.delay({ bans: 0 })
  await pairing.reconcile()
  t.same(await pairing.cluster.nodes(), [])
  await t.rejects(registersAgain(), { message: /this node was removed by Joinery/ })
})
