import { X509Certificate } from 'node:crypto'
import { certificateRequest, type JoinKey } from '@joinery/agent/testing/keys'
import { ownCsrSeconds } from '@joinery/kube/names'
import { type CertificateCredential, longestRequest } from '@joinery/protocol'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { newJoinKey } from '@joinery/testing/pairing/join-keys'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'

/** A server without a right to Secrets: what makes a token there fails. */
const openServer = (t: Test): Promise<Pairing> => openPairing(t, { credential: 'certificate' })

const approved = async (pairing: Pairing, name = 'worker-1') => {
  const machine = await pairing.machine()
  const joinKey = await newJoinKey()
  await machine.enrol((await pairing.code(name)).code, { joinKey: joinKey.fingerprint })
  await approve(pairing, name)
  const claim = async (): Promise<CertificateCredential> => {
    const credential = await machine.server.claim({ request: await certificateRequest(joinKey, name) })
    if ('certificate' in credential) return credential
    throw new Error('it is a token')
  }
  return { machine, joinKey, claim }
}
const ownCsrs = async ({ cluster }: Pairing) =>
  (await cluster.kubeletCsrs()).filter(({ name }) => name.startsWith('joinery-'))
const failure = { outcome: 'failed', attempt: 1, class: 'machine', stage: '', output: [] } as const

t.test('a claim gets a certificate of minutes for the join key, and for the approved name', async (t) => {
  const pairing = await openServer(t)
  const { joinKey, claim } = await approved(pairing)
  t.same(await ownCsrs(pairing), [], 'nothing is asked for before the claim')
  const credential = await claim()
  const certificate = new X509Certificate(credential.certificate)
  t.match(certificate.subject, /^O=system:nodes\nCN=system:node:worker-1$/)
  t.equal(certificate.validToDate.getTime() - pairing.clock.now().getTime() <= ownCsrSeconds * 1000, true)
  t.equal(
    await pairing.cluster.userOf({ certificate: credential.certificate, key: joinKey.key }),
    'system:node:worker-1'
  )
  const { credential: kind, joinKey: shown, attempts, timeline } = await pairing.operator.show('worker-1')
  t.same([kind, shown], ['certificate', joinKey.fingerprint])
  t.match(attempts, [{ credentialCsr: /^joinery-.*-1$/, credentialSerial: certificate.serialNumber }])
  t.equal(attempts[0]?.tokenId, undefined)
  t.match(timeline.at(-1), { event: 'credential-issued', detail: new RegExp(joinKey.fingerprint) })
})

t.test('a claim that is repeated, also by a server that was restarted, gets the same certificate', async (t) => {
  const pairing = await openServer(t)
  const { claim } = await approved(pairing)
  const first = await claim()
  t.same(await claim(), first)
  await pairing.restart()
  t.same(await claim(), first)
  t.equal((await ownCsrs(pairing)).length, 1)
})

t.test('two claims at once make one attempt and one certificate', async (t) => {
  const pairing = await openServer(t)
  const { claim } = await approved(pairing)
  const [one, other] = await Promise.all([claim(), claim()])
  t.same(one, other)
  t.equal((await pairing.operator.show('worker-1')).attempts.length, 1)
  t.equal((await ownCsrs(pairing)).length, 1)
})

/** Cuts the server's power when it is about to make a call to the cluster, or has made it: once. */
const cuts = ['createOwnCsr', 'approveCsr', 'ownCsr'] as const
for (const call of cuts) {
  for (const when of ['before', 'after'] as const) {
    t.test(`a server that dies ${when} ${call} gives the certificate at the next claim`, async (t) => {
      const pairing = await openServer(t)
      const { claim } = await approved(pairing)
      const { cluster } = pairing
      const real = cluster[call] as (...args: unknown[]) => Promise<unknown>
      Object.assign(cluster, {
        [call]: async (...args: unknown[]) => {
          Object.assign(cluster, { [call]: real })
          if (when === 'after') await real(...args)
          throw new Error('the power was cut')
        }
      })
      t.equal(await refusedWith(claim()), 'internal', 'no answer')
      await pairing.restart()
      const credential = await claim()
      t.equal(credential.attempt, 1, 'the same attempt')
      const [csr, ...more] = await ownCsrs(pairing)
      t.equal(csr?.certificate, credential.certificate)
      t.same(more, [])
    })
  }
}

const hostile: Record<string, (machine: JoinKey) => Promise<string | undefined>> = {
  'none at all': async () => undefined,
  'no request': async () => 'not a request',
  'for another name': (key) => certificateRequest(key, 'worker-2'),
  'by another key': async () => (await kubeletRequest('worker-1')).request,
  'with a damaged signature': async (key) => {
    const der = Buffer.from((await certificateRequest(key, 'worker-1')).replace(/-----[^-]+-----|\s/g, ''), 'base64')
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1)
    return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  }
}
for (const [which, request] of Object.entries(hostile)) {
  t.test(`a claim with a request ${which} is refused, and opens no attempt`, async (t) => {
    const pairing = await openServer(t)
    const { machine, joinKey } = await approved(pairing)
    const sent = await request(joinKey)
    const call = sent === undefined ? machine.server.claim() : machine.server.claim({ request: sent })
    t.equal(await refusedWith(call), 'request-not-approved')
    t.match(await pairing.operator.show('worker-1'), { state: 'approved', attempts: { length: 0 } })
    t.same(await ownCsrs(pairing), [])
  })
}

t.test('a request that is too large is refused', async (t) => {
  const pairing = await openServer(t)
  const { machine } = await approved(pairing)
  t.equal(await refusedWith(machine.server.claim({ request: 'x'.repeat(longestRequest + 1) })), 'invalid-request')
})

t.test('a machine whose agent sends no join key gets no certificate, and the error says why', async (t) => {
  const pairing = await openServer(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  const { request } = await kubeletRequest('worker-1')
  await t.rejects(machine.server.claim({ request }), { code: 'request-not-approved', message: /upgrade joinery-agent/ })
})

t.test('a join key that changes before the claim sends the enrolment back to pending', async (t) => {
  const pairing = await openServer(t)
  const { machine } = await approved(pairing)
  const other = await newJoinKey()
  const observed = { facts: machine.facts, preflight: [], joinKey: other.fingerprint }
  t.match(await machine.server.observe(observed), { state: 'pending' })
  const { joinKey, timeline } = await pairing.operator.show('worker-1')
  t.equal(joinKey, other.fingerprint)
  t.match(timeline.at(-1), { event: 'evidence-changed', detail: /^join key changed from sha256:/ })
  const request = await certificateRequest(other, 'worker-1')
  t.equal(await refusedWith(machine.server.claim({ request })), 'illegal-event')
  await approve(pairing, 'worker-1')
  t.match(await machine.server.claim({ request }), { attempt: 1 })
})

t.test('another join key after the claim changes nothing', async (t) => {
  const pairing = await openServer(t)
  const { machine, joinKey, claim } = await approved(pairing)
  const first = await claim()
  const other = await newJoinKey()
  await machine.server.observe({ facts: machine.facts, preflight: [], joinKey: other.fingerprint })
  t.match(await pairing.operator.show('worker-1'), { state: 'joining', joinKey: joinKey.fingerprint })
  const request = await certificateRequest(other, 'worker-1')
  t.equal(await refusedWith(machine.server.claim({ request })), 'request-not-approved')
  t.same(await claim(), first)
})

t.test('a CSR of the name that somebody else made is neither approved nor deleted', async (t) => {
  const pairing = await openServer(t)
  const { claim } = await approved(pairing)
  const { id } = await pairing.operator.show('worker-1')
  const { cluster } = pairing
  const theirs = await kubeletRequest('worker-1')
  const name = `joinery-${id}-1`
  const real = cluster.createOwnCsr
  // the rehearsal gives every CSR of others a name of its own
  cluster.createOwnCsr = async () => ({
    ...(await real({ name, request: theirs.request })),
    username: 'system:node:worker-9'
  })
  await t.rejects(claim(), { code: 'cluster-unsafe', message: /joinery-.*-1 that system:node:worker-9 made/ })
  cluster.createOwnCsr = real
  t.equal(await refusedWith(claim()), 'request-not-approved', 'nor one of its own for another key')
  t.match(await cluster.csr(name), { approved: false })
})

const ends: Record<string, (pairing: Pairing, machine: TestMachine) => Promise<unknown>> = {
  'it is rejected': ({ operator }) => operator.reject('worker-1', { reason: 'a mistake' }),
  'the attempt fails': (_, { server }) => server.outcome({ ...failure, output: [] }),
  'the deadline passes': async ({ clock, reconcile }) => {
    clock.advance(600_000)
    await reconcile()
  }
}
for (const [when, end] of Object.entries(ends)) {
  t.test(`the CSR is deleted if ${when}, also if the cluster was away`, async (t) => {
    const pairing = await openServer(t)
    const { machine, claim } = await approved(pairing)
    await claim()
    await pairing.cluster.goDown()
    await end(pairing, machine)
    await pairing.cluster.comeBack()
    t.equal((await ownCsrs(pairing)).length, 1)
    await pairing.restart()
    await pairing.reconcile()
    t.same(await ownCsrs(pairing), [])
  })
}

t.test('a machine that is rejected after its claim cannot use its certificate until its next claim', async (t) => {
  const pairing = await openServer(t)
  const { cluster, operator } = pairing
  const { joinKey, claim } = await approved(pairing)
  const { certificate } = await claim()
  const ask = async () =>
    cluster.submitCsr({
      holder: { certificate, key: joinKey.key },
      request: (await kubeletRequest('worker-1')).request
    })
  await operator.reject('worker-1', { reason: 'a mistake' })
  await t.rejects(ask(), { message: /this node was removed by Joinery/ })
  t.match((await operator.show('worker-1')).timeline.at(-1), { actor: 'server', event: 'banned' })
  await pairing.reconcile()
  t.equal((await operator.show('worker-1')).timeline.filter(({ event }) => event === 'banned').length, 1, 'once')

  const again = await approved(pairing)
  await again.claim()
  await pairing.reconcile()
  await t.resolves(ask(), 'the name is in use again, and so nobody else bans it')
})

t.test('the next pass notes a ban that was cut between cluster and store', async (t) => {
  const pairing = await openServer(t)
  const { cluster, operator } = pairing
  const { joinKey, claim } = await approved(pairing)
  const { certificate } = await claim()
  const real = cluster.ban
  cluster.ban = async (...args) => {
    await real(...args)
    throw new Error('the power was cut')
  }
  await operator.reject('worker-1', { reason: 'a mistake' })
  cluster.ban = real
  await pairing.restart()
  await pairing.reconcile()
  t.match((await operator.show('worker-1')).timeline.at(-1), { event: 'banned' })
  const { request } = await kubeletRequest('worker-1')
  await t.rejects(cluster.submitCsr({ holder: { certificate, key: joinKey.key }, request }), { message: /removed/ })
})
