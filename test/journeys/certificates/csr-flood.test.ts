import { askOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { askForCertificate, claimed } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** How often the server looked at what each CSR asks for: to parse it, it has to. By uid. */
const countLooks = ({ cluster }: Pairing) => {
  const looks = new Map<string, number>()
  const { kubeletCsrs } = cluster
  cluster.kubeletCsrs = async () =>
    (await kubeletCsrs()).map(({ request, ...csr }) => ({
      ...csr,
      get request() {
        looks.set(csr.uid, (looks.get(csr.uid) ?? 0) + 1)
        return request
      }
    }))
  return looks
}
const settle = async (pairing: Pairing) => {
  for (let pass = 0; pass < 6; pass += 1) await pairing.reconcile()
}

t.test('a request is parsed once for each state of its enrolment, and not again without a change', async (t) => {
  const pairing = await openPairing(t)
  const { machine, token } = await claimed(pairing, 'worker-1')
  for (let count = 0; count < 40; count += 1) await askForCertificate(pairing, token, 'worker-1')
  await settle(pairing)
  const looks = countLooks(pairing)
  await settle(pairing)
  t.equal(looks.size, 0, 'no pass looks at one that it has judged')
  await pairing.restart()
  await settle(pairing)
  looks.clear()
  await settle(pairing)
  t.equal(looks.size, 0, 'nor one of a server that was restarted')
  await machine.server.progress({ attempt: 1, stage: 'kubelet-start' })
  await settle(pairing)
  t.ok(
    [...looks.values()].every((count) => count <= 1),
    'the enrolment is another one: each once more, at most'
  )
})

t.test('a denied request is not looked at again, whatever the machine reports', async (t) => {
  const pairing = await openPairing(t)
  const { machine, token } = await claimed(pairing, 'worker-1')
  const csrs: string[] = []
  for (let count = 0; count < 40; count += 1) csrs.push((await askForCertificate(pairing, token, 'worker-1')).csr)
  await settle(pairing)
  const looks = countLooks(pairing)
  for (let count = 0; count < 5; count += 1) {
    await machine.server.progress({ attempt: 1, stage: `stage-${count}` })
    await settle(pairing)
  }
  t.equal(looks.size, 0)
})

t.test('a request from outside Joinery is still seen, once', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing, 'worker-1')
  await askForCertificate(pairing, token, 'worker-1')
  await settle(pairing)
  const looks = countLooks(pairing)
  const { csr } = await askOutside(pairing.cluster, pairing.clock, 'worker-9')
  await settle(pairing)
  const { uid = '' } = (await pairing.cluster.csr(csr)) ?? {}
  t.equal(looks.get(uid), 1)
  await pairing.cluster.approveCsr({ name: csr, uid })
  await settle(pairing)
  const { alerts } = await pairing.operator.status()
  t.ok(alerts.last.some(({ event, detail }) => event === 'outside-certificate' && detail.includes(csr)))
})
