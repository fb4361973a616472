import { X509Certificate } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimToken, register } from '@joinery/testing/pairing/steps'
import t from 'tap'

t.test('a machine enrols, is approved, joins and is ready, and every step is in its timeline', async (t) => {
  const pairing = await openPairing(t)
  const { operator, cluster } = pairing
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')

  const enrolled = await machine.enrol(code)
  t.match(enrolled, { state: 'pending', name: 'worker-1', message: 'waiting for approval' })
  t.same(await cluster.tokens(), [], 'no token before the approval')

  await approve(pairing, 'worker-1')
  t.same(await cluster.tokens(), [], 'no token before the claim')

  const credential = await claimToken(machine)
  t.match(credential, { attempt: 1, nodeName: 'worker-1', server: /^https:/ })
  t.same(await cluster.tokens(), [credential.token.slice(0, 6)], 'one token, of the open attempt')

  const { csr, key } = await askForCertificate(pairing, credential.token, 'worker-1')
  await pairing.reconcile()
  t.match(await cluster.csr(csr), { approved: true })
  await pairing.reconcile()
  const certificate = new X509Certificate(await register(pairing, machine, 'worker-1', csr, key))
  await pairing.reconcile()
  t.match(await operator.show('worker-1'), {
    state: 'joined',
    attempts: [{ certificateSerial: certificate.serialNumber }]
  })
  t.same(await cluster.tokens(), [], 'no token after the Node')

  await cluster.setNodeReady('worker-1', 'False', 'KubeletNotReady', 'cni plugin not initialized')
  await pairing.reconcile()
  t.match(await operator.show('worker-1'), { message: 'joined, waiting for the network plugin' })

  await cluster.setNodeReady('worker-1', 'True', 'KubeletReady', 'kubelet is posting ready status')
  const outcome = await machine.server.outcome({
    outcome: 'ready',
    certificate: { fingerprint: fingerprint(certificate.publicKey), serial: certificate.serialNumber }
  })
  t.equal(outcome.state, 'joined', 'accepted; the cluster confirms it')
  await pairing.reconcile()
  const ready = await operator.show('worker-1')
  t.match(ready, { state: 'ready', confirmed: true, ready: String, agentReady: String })
  t.same(
    ready.timeline.filter(({ event }) => event !== 'node-condition').map(({ actor, event }) => `${actor} ${event}`),
    [
      'agent enrol',
      'operator approve',
      'agent claim',
      'server csr-approved',
      'cluster certificate-issued',
      'cluster register',
      'agent agent-ready',
      'server become-ready'
    ]
  )
})
