import { X509Certificate } from 'node:crypto'
import { fingerprint, ProblemError } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type CertificateHolder, servingUsages } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest, type OddSubject, servingRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'

const signer = 'kubernetes.io/kubelet-serving'

/** A machine that joined, with its kubelet's certificate; it claimed these addresses when it was approved. */
interface Joined {
  name: string
  machine: TestMachine
  holder: CertificateHolder
  /** What its kubelet does to serve TLS: gives the CSR's name. */
  ask(addresses?: readonly string[], odd?: OddSubject & { usages?: string[] }): Promise<string>
  becomesReady(): Promise<void>
}

const join = async (pairing: Pairing, name: string, ...addresses: string[]): Promise<Joined> => {
  const made = await pairing.machine()
  const machine = Object.assign(made, { facts: { ...made.facts, addresses } })
  await machine.enrol((await pairing.code(name)).code, { facts: machine.facts })
  await approve(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  const certificate = await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
  const holder = { certificate, key }
  return {
    name,
    machine,
    holder,
    ask: async (wanted = addresses, { usages = servingUsages, ...odd } = {}) => {
      const { request } = await servingRequest(name, wanted, odd)
      return pairing.cluster.submitCsr({ holder, request, usages, signer })
    },
    becomesReady: async () => {
      await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', '')
      const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
      await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
      await pairing.reconcile()
    }
  }
}

const open = (t: Test) => openPairing(t, { servingCertificates: 'approve' })
const said = async ({ operator }: Pairing, name: string) =>
  (await operator.show(name)).timeline.filter(({ event }) => event.startsWith('serving-csr'))
const issued = (pairing: Pairing, csr: string) =>
  eventually('it is issued', async () => (await pairing.cluster.csr(csr))?.certificate)

/** From now on the cluster does this in place of approving; gives the undo. */
const instead = (pairing: Pairing, work: Pairing['cluster']['approveCsr']) => {
  const { approveCsr } = pairing.cluster
  pairing.cluster.approveCsr = work
  return () => {
    pairing.cluster.approveCsr = approveCsr
  }
}

t.test('a kubelet gets its serving certificate for the approved name and address', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const csr = await worker.ask()
  await pairing.reconcile()
  const certificate = new X509Certificate(await issued(pairing, csr))
  t.equal(certificate.subjectAltName, 'DNS:worker-1, IP Address:10.0.0.7')
  t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'server auth')
  t.match(await said(pairing, 'worker-1'), [
    { event: 'serving-csr-approved', actor: 'server', detail: csr, alert: false }
  ])
  t.same((await pairing.operator.show('worker-1')).servingCsrs, [{ name: csr }])
  t.equal((await pairing.operator.show('worker-1')).state, 'joined', 'it does not wait until the machine is ready')
})

t.test('a serving certificate is renewed as often as the kubelet asks, long after ready', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  await worker.becomesReady()
  for (let renewal = 1; renewal <= 30; renewal += 1) {
    const csr = await worker.ask()
    await pairing.reconcile()
    await issued(pairing, csr)
    // the cluster forgets what was approved after an hour
    await pairing.cluster.deleteCsr(csr)
    pairing.clock.advance(24 * 3600_000)
  }
  t.equal((await said(pairing, 'worker-1')).length, 30)
  await pairing.reconcile()
  t.notOk((await pairing.operator.show('worker-1')).servingCsrs, 'what is gone is not shown')
})

t.test('without the setting nobody answers a serving request', async (t) => {
  const pairing = await openPairing(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const csr = await worker.ask()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: false })
  t.same(await said(pairing, 'worker-1'), [])
})

t.test('a serving request that is left pending has its reason, and one entry', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const csr = await worker.ask(['10.0.0.7', '10.0.0.66'])
  for (let pass = 0; pass < 3; pass += 1) await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: false })
  const left = /^10.0.0.66 is neither where the server sees the machine nor what it claimed when it was approved$/
  t.match((await pairing.operator.show('worker-1')).servingCsrs, [{ name: csr, left }])
  t.match(await said(pairing, 'worker-1'), [{ event: 'serving-csr-left', detail: new RegExp(`^${csr}: 10.0.0.66`) }])
})

t.test('an address that the machine claims after its approval does not count as approved', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const facts = { ...worker.machine.facts, addresses: ['10.0.0.7', '10.0.0.66'] }
  await worker.machine.server.observe({ facts, preflight: [] })
  const csr = await worker.ask(['10.0.0.66'])
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
})

t.test('neither of two machines that claim one address gets it', async (t) => {
  const pairing = await open(t)
  const [one, other] = [await join(pairing, 'worker-1', '10.0.0.7'), await join(pairing, 'worker-2', '10.0.0.7')]
  const csrs = [await one.ask(), await other.ask()]
  await pairing.reconcile()
  for (const csr of csrs) t.match(await pairing.cluster.csr(csr), { approved: false }, csr)
  t.match(await said(pairing, 'worker-1'), [{ detail: /10.0.0.7 also belongs to Node worker-2/ }])
  t.match(await said(pairing, 'worker-2'), [{ detail: /10.0.0.7 also belongs to Node worker-1/ }])
})

t.test('a machine that no operator approved stands in nobody’s way', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const stranger = await pairing.machine()
  await stranger.enrol((await pairing.code('worker-2')).code, { facts: { ...stranger.facts, addresses: ['10.0.0.7'] } })
  const csr = await worker.ask()
  await pairing.reconcile()
  await issued(pairing, csr)
})

t.test('the addresses of API server, Services and loopback are never approved', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7', '172.30.0.1', '10.96.0.1', '127.0.0.1')
  for (const address of ['172.30.0.1', '10.96.0.1', '127.0.0.1']) {
    const csr = await worker.ask(['10.0.0.7', address])
    await pairing.reconcile()
    t.match(await pairing.cluster.csr(csr), { approved: false }, address)
  }
  t.equal((await said(pairing, 'worker-1')).length, 3)
})

t.test('a request that somebody approves by hand is shown as approved', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const csr = await worker.ask(['10.0.0.66'])
  await pairing.reconcile()
  const { uid } = (await pairing.cluster.csr(csr)) ?? { uid: '' }
  await pairing.cluster.approveCsr({ name: csr, uid })
  await pairing.reconcile()
  t.same((await pairing.operator.show('worker-1')).servingCsrs, [{ name: csr }])
})

t.test('the server leaves an unknown Node alone', async (t) => {
  const pairing = await open(t)
  const { cluster } = pairing
  await join(pairing, 'worker-1', '10.0.0.7')
  const { request: own, key } = await kubeletRequest('worker-9')
  await cluster.approveCsr(await cluster.createOwnCsr({ name: 'joinery-9', request: own }))
  const holder = { certificate: await issued(pairing, 'joinery-9'), key }
  await cluster.registerNode({
    name: 'worker-9',
    ...holder,
    machineId: 'm9',
    systemUuid: 'm9',
    addresses: ['10.0.0.9']
  })
  const { request } = await servingRequest('worker-9', ['10.0.0.9'])
  const csr = await cluster.submitCsr({ holder, request, usages: servingUsages, signer })
  await pairing.reconcile()
  t.match(await cluster.csr(csr), { approved: false, denied: false })
})

t.test('a machine that was rejected gets no serving certificate, even for an earlier request', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const undo = instead(pairing, async () => {
    throw new Error('killed before')
  })
  const csr = await worker.ask()
  await pairing.reconcile()
  await pairing.operator.reject('worker-1', { reason: 'a mistake' })
  // not before: a pass of the server's own may come between
  undo()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false })
})

for (const approved of [false, true]) {
  const when = approved ? 'after' : 'before'
  t.test(`a server that died ${when} its approval has the request approved once, with one entry`, async (t) => {
    const pairing = await open(t)
    const worker = await join(pairing, 'worker-1', '10.0.0.7')
    const { approveCsr } = pairing.cluster
    const undo = instead(pairing, async (csr) => {
      if (approved) await approveCsr(csr)
      throw new Error(`killed ${when}`)
    })
    const csr = await worker.ask()
    await pairing.reconcile()
    t.match(await pairing.cluster.csr(csr), { approved })
    undo()
    await pairing.restart()
    await pairing.reconcile()
    await issued(pairing, csr)
    t.equal((await said(pairing, 'worker-1')).length, 1)
  })
}

t.test('two passes at once approve a request once, with one entry', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const csr = await worker.ask()
  await Promise.all([pairing.reconcile(), pairing.reconcile()])
  await issued(pairing, csr)
  t.equal((await said(pairing, 'worker-1')).length, 1)
})

t.test('a request that is gone or denied before its approval does no harm', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const { approveCsr } = pairing.cluster
  for (const end of ['deleteCsr', 'denyCsrAsAdmin'] as const) {
    const undo = instead(pairing, async (csr) => {
      await pairing.cluster[end](csr.name)
      await approveCsr(csr)
    })
    await worker.ask()
    await pairing.reconcile()
    undo()
    await pairing.reconcile()
    t.notMatch((await pairing.operator.show('worker-1')).message, /unreachable/, end)
  }
  t.notOk((await pairing.operator.show('worker-1')).servingCsrs)
})

t.test('a loop of requests fills neither store nor timeline, and does not stop a good one', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  for (let count = 0; count < 25; count += 1) await worker.ask(['10.0.0.66'])
  await pairing.reconcile()
  const csr = await worker.ask()
  await pairing.reconcile()
  await issued(pairing, csr)
  t.equal((await said(pairing, 'worker-1')).length, 21)
  t.equal((await pairing.operator.show('worker-1')).servingCsrs?.length, 21)
})

t.test('if the API server’s name cannot be resolved, no request is approved, and others go on', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  pairing.cluster.apiHosts = async () => ['api.invalid']
  const csr = await worker.ask()
  const other = await join(pairing, 'worker-2', '10.0.0.8')
  t.match(await pairing.operator.show(other.name), {
    state: 'joined',
    message: /worker-1: no serving certificate is approved: the API server's name api.invalid cannot be resolved/
  })
  t.match(await pairing.cluster.csr(csr), { approved: false })
})

t.test('a server without the right to approve says what it lacks', async (t) => {
  const pairing = await open(t)
  const worker = await join(pairing, 'worker-1', '10.0.0.7')
  const csr = await worker.ask(['10.0.0.7'], { usages: servingUsages })
  t.teardown(
    instead(pairing, async () => {
      throw new ProblemError('cluster-unavailable', { detail: 'the API server forbids it (403): not permitted' })
    })
  )
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { message: /worker-1: the API server forbids it \(403\)/ })
  t.match(await pairing.cluster.csr(csr), { approved: false })
})
