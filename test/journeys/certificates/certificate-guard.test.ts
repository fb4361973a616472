import { X509Certificate } from 'node:crypto'
import { certificateRequest } from '@joinery/agent/testing/keys'
import { fingerprint } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletUsages, servingUsages } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest, servingRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, register } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

/** A machine that has claimed its certificate, on a server without a right to Secrets. */
const openClaimed = async (t: Test, name = 'worker-1') => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  const { cluster, operator } = pairing
  const machine = await pairing.machine()
  const joinKey = await newJoinKey()
  await machine.enrol((await pairing.code(name)).code, { joinKey: joinKey.fingerprint })
  await approve(pairing, name)
  const credential = await machine.server.claim({ request: await certificateRequest(joinKey, name) })
  if (!('certificate' in credential)) throw new Error('it is a token')
  const holder = { certificate: credential.certificate, key: joinKey.key }
  return {
    pairing,
    machine,
    holder,
    /** What a kubelet does with the certificate, up to the CSR. */
    ask: async (nodeName = name, usages = kubeletUsages) => {
      const { request, key } = await kubeletRequest(nodeName)
      return { csr: await cluster.submitCsr({ holder, request, usages }), key }
    },
    issued: (csr: string) =>
      eventually('it is issued', async () => (await cluster.csr(csr))?.certificate).then((pem) => {
        const { publicKey, serialNumber } = new X509Certificate(pem)
        return { fingerprint: fingerprint(publicKey), serial: serialNumber }
      }),
    alerts: async () => (await operator.show(name)).timeline.filter(({ alert }) => alert).map(({ detail }) => detail)
  }
}

t.test('the cluster itself gives the kubelet its certificate, and the machine is ready by it', async (t) => {
  const { pairing, machine, ask, issued, alerts } = await openClaimed(t)
  const { csr, key } = await ask()
  const certificate = await issued(csr)
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await pairing.reconcile()
  await machine.server.outcome({ outcome: 'ready', certificate })
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), {
    state: 'ready',
    confirmed: true,
    attempts: [{ csr, certificateSerial: certificate.serial }]
  })
  t.same(await alerts(), [])
})

t.test('a stolen certificate is worthless for another name', async (t) => {
  const { pairing, machine, holder, ask } = await openClaimed(t)
  await t.rejects(ask('worker-2'), { message: /can only create a node CSR with CN=system:node:worker-1/ })
  const registration = { name: 'worker-2', ...holder, machineId: machine.facts.machineId, systemUuid: '' }
  await t.rejects(pairing.cluster.registerNode(registration), { message: /not allowed to modify node "worker-2"/ })
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joining', 'and the machine goes on')
})

t.test('a holder that asks for too much freezes the enrolment, and its name is banned', async (t) => {
  const { pairing, ask, alerts } = await openClaimed(t)
  const { csr } = await ask('worker-1', [...kubeletUsages, 'server auth'])
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, certificate: undefined })
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
  t.match(await alerts(), [new RegExp(csr)])
  await pairing.reconcile()
  await t.rejects(ask(), { message: /this node was removed by Joinery/ })
})

t.test('the kubelet may ask for a serving certificate before the machine is ready', async (t) => {
  const { pairing, machine, ask, alerts } = await openClaimed(t)
  const { csr, key } = await ask()
  const certificate = await register(pairing, machine, 'worker-1', csr, key)
  const { request } = await servingRequest('worker-1', ['10.0.0.7'])
  const signer = 'kubernetes.io/kubelet-serving'
  await pairing.cluster.submitCsr({ holder: { certificate, key }, request, usages: servingUsages, signer })
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joined')
  t.same(await alerts(), [])
})

t.test('a certificate without its key opens nothing', async (t) => {
  const { pairing, holder } = await openClaimed(t)
  const { key } = await newJoinKey()
  await t.rejects(pairing.cluster.userOf({ ...holder, key }), /key values mismatch/)
})

t.test('a second request is noted, and alerts if the agent reports another key', async (t) => {
  const { pairing, machine, ask, issued, alerts } = await openClaimed(t)
  const first = await ask()
  await pairing.reconcile()
  const stolen = await ask()
  await pairing.reconcile()
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.equal(state, 'joining')
  t.same(
    timeline.filter(({ event }) => event === 'csr-seen').map(({ detail }) => detail.split(',')[0]),
    [first.csr, stolen.csr]
  )
  t.same(await alerts(), [])

  await register(pairing, machine, 'worker-1', first.csr, first.key)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await machine.server.outcome({ outcome: 'ready', certificate: await issued(first.csr) })
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joined')
  t.match(await alerts(), [new RegExp(`another key asked for a certificate too: ${stolen.csr}`)])
})

t.test('a certificate without a known request does not make a machine ready', async (t) => {
  const { pairing, machine, ask, alerts } = await openClaimed(t)
  const { csr, key } = await ask()
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: 'ABCD' }
  await machine.server.outcome({ outcome: 'ready', certificate })
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).state, 'joined')
  t.match(await alerts(), [/the agent holds certificate ABCD/])
})

t.test('the server leaves alone a node that renews its certificate after it is ready', async (t) => {
  const { pairing, machine, ask, issued, alerts } = await openClaimed(t)
  const { csr, key } = await ask()
  const certificate = await issued(csr)
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  await machine.server.outcome({ outcome: 'ready', certificate })
  await pairing.reconcile()
  await pairing.reconcile()
  const { revision, state } = await pairing.operator.show('worker-1')
  t.equal(state, 'ready')
  await ask()
  await pairing.reconcile()
  t.equal((await pairing.operator.show('worker-1')).revision, revision)
  t.same(await alerts(), [])
})
