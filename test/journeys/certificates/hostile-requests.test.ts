import { kubeletRequest, servingRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimToken, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** Guard and signer would read two different requests in it. */
const twoInOne = (seen: string, signed: string): string => `x${seen}\n${signed}\n`

const token = async (pairing: Pairing, name: string) => {
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  const [id = '', secret = ''] = (await claimToken(machine)).token.split('.')
  return { id, secret }
}

t.test('a text with a second request, for a control plane, is not approved, and freezes the enrolment', async (t) => {
  const pairing = await openPairing(t)
  const request = twoInOne((await kubeletRequest('worker-1')).request, (await kubeletRequest('cp-1')).request)
  const csr = await pairing.cluster.submitCsr({ token: await token(pairing, 'worker-1'), request })
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
  t.notOk((await pairing.cluster.csr(csr))?.certificate)
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.equal(state, 'frozen')
  t.ok(timeline.some(({ event, alert, detail }) => event === 'conflict' && alert && detail.includes(csr)))
  t.same(await pairing.cluster.tokens(), [])
})

t.test('a text with two requests for serving certificates is not approved, and alerts', async (t) => {
  const pairing = await openPairing(t, { servingCertificates: 'approve' })
  const made = await pairing.machine()
  const machine = Object.assign(made, { facts: { ...made.facts, addresses: ['10.0.0.7'] } })
  await machine.enrol((await pairing.code('worker-1')).code, { facts: machine.facts })
  await approve(pairing, 'worker-1')
  const own = await withApprovedCsr(pairing, machine, 'worker-1')
  const certificate = await register(pairing, machine, 'worker-1', own.csr, own.key)
  await pairing.reconcile()
  const [seen, signed] = [
    await servingRequest('worker-1', ['10.0.0.7']),
    await servingRequest('worker-1', ['10.96.0.1'])
  ]
  const csr = await pairing.cluster.submitCsr({
    holder: { certificate, key: own.key },
    request: twoInOne(seen.request, signed.request),
    usages: ['digital signature', 'server auth'],
    signer: 'kubernetes.io/kubelet-serving'
  })
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
  const { state, servingCsrs, timeline } = await pairing.operator.show('worker-1')
  t.match(servingCsrs, [{ name: csr, left: 'it is not one canonical request' }])
  t.equal(state, 'joined', 'a machine that joined is not frozen')
  t.equal(
    timeline.filter(({ event, alert, detail }) => event === 'conflict' && alert && detail.includes(csr)).length,
    1
  )
})

t.test('a text with two requests after the first request is not approved, and freezes the enrolment', async (t) => {
  const pairing = await openPairing(t)
  const credential = await token(pairing, 'worker-1')
  await askForCertificate(pairing, `${credential.id}.${credential.secret}`, 'worker-1')
  await pairing.reconcile()
  const request = twoInOne((await kubeletRequest('worker-1')).request, (await kubeletRequest('worker-2')).request)
  const csr = await pairing.cluster.submitCsr({ token: credential, request })
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
})
