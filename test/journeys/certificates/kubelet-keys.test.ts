import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { claimed, claimToken, enrolled } from '@joinery/testing/pairing/steps'
import { mlDsaRequest, pemOf } from '@joinery/testing/requests/signed-request'
import t from 'tap'

/** Sends the request of worker-1's kubelet by a new ML-DSA key. Returns the CSR's name. */
const askBy = async ({ cluster }: Pairing, token: string, kind: 65 | 87): Promise<string> => {
  const [id = '', secret = ''] = token.split('.')
  return cluster.submitCsr({ token: { id, secret }, request: pemOf(mlDsaRequest('worker-1', kind)) })
}

t.test(
  'a kubelet with a key that kubelet-config does not ask for is denied with the cause, and nobody is accused',
  async (t) => {
    const pairing = await openPairing(t)
    const { token } = await claimed(pairing)
    const csr = await askBy(pairing, token, 87)
    await pairing.reconcile()
    t.match(await pairing.cluster.csr(csr), { approved: false, denied: true })
    const { state, timeline, conflicts = [] } = await pairing.operator.show('worker-1')
    t.equal(state, 'joining')
    t.same(conflicts, [])
    const said = timeline.filter(({ detail }) => detail.includes(csr))
    t.match(said, [
      { event: 'csr-left', alert: false, detail: /its key is ML-DSA-87, and kubelets .* make ECDSA-P256/ }
    ])
  }
)

t.test('once kubelet-config asks for its kind of key, the next request of that kubelet is approved', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  await pairing.reconcile()
  const early = await askBy(pairing, token, 65)
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(early), { denied: true })
  await pairing.cluster.configureNodes('kubelet-config', 'clientCertificateKeyAlgorithm: ML-DSA-65')
  pairing.clock.advance(1_000)
  const csr = await askBy(pairing, token, 65)
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: true, denied: false })
})

t.test('a request by another kind of key takes no place of the right one', async (t) => {
  const pairing = await openPairing(t)
  await pairing.cluster.configureNodes('kubelet-config', 'clientCertificateKeyAlgorithm: ML-DSA-65')
  const machine = await enrolled(pairing)
  const { revision, key } = await pairing.operator.show('worker-1')
  await pairing.operator.approve('worker-1', { revision, key })
  const { token } = await claimToken(machine)
  const [other, right] = [await askBy(pairing, token, 87), await askBy(pairing, token, 65)]
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(other), { denied: true })
  t.match(await pairing.cluster.csr(right), { approved: true })
})

t.test('while the cluster does not say which keys its kubelets make, a request by another kind waits', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  await pairing.reconcile()
  const { nodeConfiguration } = pairing.cluster
  pairing.cluster.nodeConfiguration = async () => Promise.reject(new Error('it does not answer'))
  const csr = await askBy(pairing, token, 65)
  await pairing.reconcile().catch(() => {})
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: false })
  pairing.cluster.nodeConfiguration = nodeConfiguration
  pairing.clock.advance(2_000)
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { denied: true })
})
