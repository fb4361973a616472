import { createPrivateKey, X509Certificate } from 'node:crypto'
import { pageSize } from '@joinery/kube'
import { kubeletSigner, ownCsrPrefix, tokenGroups, workerGroup } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import {
  issued,
  makeToken,
  type OpenCluster,
  pendingCsr,
  refusal,
  seenCsr,
  submit,
  submitWithNew,
  unique
} from '@joinery/testing/cluster/cluster-fixture'
import { kubeletUsages } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'

export const csrContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open

  await t.test('a CSR shows who asks for what, and its whole second', async (t) => {
    const token = await makeToken(t, open)
    const { request } = await kubeletRequest(unique('node'))
    const before = Date.now()
    const name = await submitWithNew(t, open, { token, request })
    const { uid, created, ...shown } = await seenCsr(open, name)
    t.same(shown, {
      name,
      username: `system:bootstrap:${token.id}`,
      groups: ['system:bootstrappers', workerGroup, 'system:authenticated'],
      usages: kubeletUsages,
      signer: kubeletSigner,
      request,
      approved: false,
      denied: false
    })
    t.match(uid, /./)
    t.equal(created.getMilliseconds(), 0)
    t.ok(created.getTime() > before - 1_000 && created.getTime() <= Date.now(), 'the second in which it was made')
  })

  await t.test('each of more CSRs than a page holds is listed once', async (t) => {
    const token = await makeToken(t, open)
    const { request } = await kubeletRequest(unique('node'))
    const names: string[] = []
    for (let page = 0; page < (pageSize + 10) / 10; page += 1) {
      const some = Array.from({ length: 10 }, () => submitWithNew(t, open, { token, request }))
      names.push(...(await Promise.all(some)))
    }
    const own = async () =>
      (await cluster.kubeletCsrs()).flatMap(({ name, username }) =>
        username === `system:bootstrap:${token.id}` ? name : []
      )
    // a list may be of a moment before the last of them
    await eventually('all are listed', async () => (await own()).length >= names.length)
    t.same((await own()).sort(), names.sort())
  })

  await t.test('a CSR stays pending until an approval by name and uid, and then has a certificate', async (t) => {
    const [node, other] = [unique('node'), unique('node')]
    const csr = await pendingCsr(t, open, node)
    const left = await pendingCsr(t, open, other)
    await cluster.approveCsr({ name: csr.name, uid: csr.uid })
    const certificate = new X509Certificate(await issued(open, csr.name))
    const { certificateAuthority } = await cluster.endpoint()
    t.match(certificate.subject, `CN=system:node:${node}`)
    t.ok(certificate.checkPrivateKey(createPrivateKey(csr.key)), 'it is for the key of the request')
    t.ok(certificate.verify(new X509Certificate(certificateAuthority).publicKey), 'it is by the CA of the endpoint')
    t.match(await seenCsr(open, csr.name), { approved: true, denied: false })
    t.match(await world.csr(left.name), { approved: false, certificate: undefined })
  })

  for (const group of tokenGroups) {
    await t.test(`a CSR by a token of ${group} is approved like any other of ours`, async (t) => {
      const token = await makeToken(t, open, { group })
      const { request } = await kubeletRequest(unique('node'))
      const { name, uid, groups } = await seenCsr(open, await submitWithNew(t, open, { token, request }))
      t.same(groups, ['system:bootstrappers', group, 'system:authenticated'])
      await cluster.approveCsr({ name, uid })
      await issued(open, name)
    })
  }

  await t.test('a second approval is success', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'))
    await cluster.approveCsr(csr)
    await cluster.approveCsr(csr)
    const certificate = await issued(open, csr.name)
    await cluster.approveCsr(csr)
    t.equal((await seenCsr(open, csr.name)).certificate, certificate)
  })

  await t.test('another CSR of the same name is not approved', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'))
    const uid = '00000000-0000-4000-8000-000000000000'
    await t.rejects(cluster.approveCsr({ name: csr.name, uid }), { code: 'not-found' })
    t.match(await world.csr(csr.name), { approved: false })
  })

  await t.test('a CSR that is gone is not found', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'))
    await world.deleteCsr(csr.name)
    await t.rejects(cluster.approveCsr(csr), { code: 'not-found' })
    await eventually('the port shows it no longer', async () =>
      (await cluster.kubeletCsrs()).every(({ name }) => name !== csr.name)
    )
  })

  await t.test('a CSR that somebody denied shows it, and is never approved', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'))
    await world.denyCsrAsAdmin(csr.name)
    await eventually('the port shows it denied', async () => (await seenCsr(open, csr.name)).denied)
    await t.rejects(cluster.approveCsr(csr), { code: 'illegal-event' })
    t.match(await world.csr(csr.name), { approved: false, denied: true })
  })

  await t.test(
    'a CSR by a token of ours is denied for good, by name and uid, and a second denial is success',
    async (t) => {
      const csr = await pendingCsr(t, open, unique('node'))
      const uid = '00000000-0000-4000-8000-000000000000'
      await cluster.denyCsr({ name: csr.name, uid })
      t.match(await world.csr(csr.name), { denied: false }, 'another one of its name stays')
      await cluster.denyCsr(csr)
      await cluster.denyCsr(csr)
      t.match(await world.csr(csr.name), { approved: false, denied: true })
      await t.rejects(cluster.approveCsr(csr), { code: 'illegal-event' })
      t.match(await world.csr(csr.name), { approved: false, denied: true, certificate: undefined })
      await world.deleteCsr(csr.name)
      await cluster.denyCsr(csr)
    }
  )

  await t.test('a CSR that asks for too much is denied too', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'), { usages: [...kubeletUsages, 'server auth'] })
    await cluster.denyCsr(csr)
    t.match(await world.csr(csr.name), { approved: false, denied: true })
  })

  await t.test('an approved CSR cannot be denied', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'))
    await cluster.approveCsr(csr)
    await t.rejects(cluster.denyCsr(csr), { code: 'illegal-event' })
    t.match(await world.csr(csr.name), { approved: true, denied: false })
  })

  await t.test('a CSR that others write to meanwhile is approved too', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'))
    await Promise.all([cluster.approveCsr(csr), world.annotateCsr(csr.name), world.annotateCsr(csr.name)])
    t.match(await world.csr(csr.name), { approved: true, denied: false })
  })

  await t.test('of an approval and a denial at once one succeeds, and the other fails', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const csr = await pendingCsr(t, open, unique('node'))
      const [approval, denial] = await Promise.allSettled([cluster.approveCsr(csr), cluster.denyCsr(csr)])
      const after = await world.csr(csr.name)
      t.not(after?.approved, after?.denied, `round ${round}`)
      t.equal(approval?.status === 'fulfilled', after?.approved, `round ${round}`)
      t.equal(denial?.status === 'fulfilled', after?.denied, `round ${round}`)
      const loser = [approval, denial].find((one) => one?.status === 'rejected')
      t.match(loser, { reason: { code: 'illegal-event' } }, `round ${round}`)
    }
  })

  await t.test("the server's own CSR is deleted, not denied", async (t) => {
    const { request } = await kubeletRequest(unique('node'))
    const csr = await cluster.createOwnCsr({ name: `${ownCsrPrefix}${unique('own')}`, request })
    t.teardown(() => cluster.deleteOwnCsr(csr.name))
    await t.rejects(cluster.denyCsr(csr), { code: 'cluster-unavailable', message: /its own bootstrap tokens only/ })
    t.match(await world.csr(csr.name), { denied: false })
  })

  const malformed = {
    'of another organization': { organization: 'system:masters' },
    'with an alternative name': { dnsName: 'kubernetes.default.svc' },
    'of a name that is no node': { commonName: 'kubernetes-admin' },
    'of too few usages': { usages: ['client auth'] }
  }
  for (const [which, odd] of Object.entries(malformed)) {
    await t.test(`the signer issues no certificate for a request ${which}, approved or not`, async (t) => {
      const csr = await pendingCsr(t, open, unique('node'), odd)
      await cluster.approveCsr(csr)
      const judged = await eventually('the signer has judged it', async () => {
        const seen = await world.csr(csr.name)
        return seen?.failed || seen?.certificate !== undefined ? seen : undefined
      })
      t.match(judged, { approved: true, failed: true, certificate: undefined })
    })
  }

  await t.test('the server may not approve a request for more than a client certificate', async (t) => {
    const csr = await pendingCsr(t, open, unique('node'), { usages: [...kubeletUsages, 'server auth'] })
    await t.rejects(cluster.approveCsr(csr), { code: 'cluster-unavailable', message: /client certificates only/ })
    t.match(await world.csr(csr.name), { approved: false })
  })

  await t.test('a joining machine can neither ask another signer, nor ask without proof of its key', async (t) => {
    const token = await makeToken(t, open)
    const { request } = await kubeletRequest(unique('node'))
    await submitWithNew(t, open, { token, request })
    const signer = 'kubernetes.io/kube-apiserver-client'
    t.equal((await refusal(() => submit(t, open, { token, request, signer })))?.status, 422)
    const forged = damage(request)
    t.equal((await refusal(() => submit(t, open, { token, request: forged })))?.status, 422)
  })
}

/** The request with its last byte, of the signature, changed. */
const damage = (pem: string): string => {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1)
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
}
