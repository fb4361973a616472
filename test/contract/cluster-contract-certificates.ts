import { X509Certificate } from 'node:crypto'
import { kubeletSigner, ownCsrSeconds, serverUsername } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import {
  attemptCertificate,
  type OpenCluster,
  ownCertificate,
  ownCsr,
  pendingCsr,
  refusal,
  unique
} from '@joinery/testing/cluster/cluster-fixture'
import { type CertificateHolder, kubeletUsages } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'

/** The server's own CSRs, and what the holders of their certificates may do. */
export const certificateContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world } = open

  const askAs = async (t: Test, holder: CertificateHolder, node: string, usages = kubeletUsages): Promise<string> => {
    const { request } = await kubeletRequest(node)
    const name = await world.submitCsr({ holder, request, usages })
    t.teardown(() => world.deleteCsr(name))
    return name
  }

  await t.test("the cluster does not approve a CSR of the server's own by itself", async (t) => {
    const { key, request, uid, created, groups, ...shown } = await ownCsr(t, open, unique('node'))
    t.same(shown, {
      name: shown.name,
      username: serverUsername,
      usages: kubeletUsages,
      signer: kubeletSigner,
      approved: false,
      denied: false
    })
    t.equal((await cluster.ownCsr(shown.name))?.uid, uid)
    t.equal((await cluster.ownCsr(shown.name))?.request, request)
    const other = await pendingCsr(t, open, unique('node'))
    await cluster.approveCsr(other)
    await ownCertificate(open, other.name)
    t.match(await world.csr(shown.name), { approved: false, certificate: undefined }, 'others are served meanwhile')
  })

  await t.test('a CSR that exists is returned as it was', async (t) => {
    const first = await ownCsr(t, open, unique('node'))
    const { request } = await kubeletRequest(unique('node'))
    t.match(await cluster.createOwnCsr({ name: first.name, request }), { uid: first.uid, request: first.request })
    await cluster.approveCsr(first)
    const certificate = await ownCertificate(open, first.name)
    t.match(await cluster.createOwnCsr({ name: first.name, request }), { approved: true, certificate })
  })

  await t.test('an approved CSR is a certificate of ten minutes, for its node and key', async (t) => {
    const [node, before] = [unique('node'), Date.now()]
    const holder = await attemptCertificate(t, open, node)
    const certificate = new X509Certificate(holder.certificate)
    t.match(certificate.subject, `CN=system:node:${node}`)
    const ends = certificate.validToDate.getTime()
    t.ok(ends > before && ends <= Date.now() + ownCsrSeconds * 1000, certificate.validTo)
    t.equal(await world.userOf(holder), `system:node:${node}`)
  })

  await t.test('the cluster itself gives the holder a certificate for its own name', async (t) => {
    const node = unique('node')
    const csr = await askAs(t, await attemptCertificate(t, open, node), node)
    await eventually('it is issued', async () => (await world.csr(csr))?.certificate)
    t.match(
      (await cluster.kubeletCsrs()).find(({ name }) => name === csr),
      {
        username: `system:node:${node}`,
        approved: true
      }
    )
  })

  await t.test('a CSR names the certificate that it came by, and no token', async (t) => {
    const node = unique('node')
    const holder = await attemptCertificate(t, open, node)
    const digest = new X509Certificate(holder.certificate).fingerprint256.replaceAll(':', '').toLowerCase()
    const csr = await askAs(t, holder, node)
    t.equal((await eventually('the port shows it', () => cluster.ownCsr(csr))).credentialId, `X509SHA256=${digest}`)
    t.equal((await pendingCsr(t, open, unique('node'))).credentialId, undefined)
    t.equal((await ownCsr(t, open, unique('node'))).credentialId, undefined)
  })

  await t.test('the holder may not even ask for another name', async (t) => {
    const holder = await attemptCertificate(t, open, unique('node'))
    t.equal((await refusal(() => askAs(t, holder, unique('node'))))?.status, 403)
  })

  await t.test('the server may not approve a request of the holder that the cluster does not approve', async (t) => {
    const node = unique('node')
    const csr = await askAs(t, await attemptCertificate(t, open, node), node, ['client auth'])
    const { uid } = await eventually('the port shows it', () => cluster.ownCsr(csr))
    await t.rejects(cluster.approveCsr({ name: csr, uid }), { code: 'cluster-unavailable', message: /and its own/ })
    t.match(await world.csr(csr), { approved: false, certificate: undefined })
  })

  await t.test('a holder whose name is banned asks for nothing, until it is unbanned', async (t) => {
    const node = unique('node')
    const holder = await attemptCertificate(t, open, node)
    t.teardown(() => cluster.unban(node))
    await cluster.ban(node, 'contract')
    const refused = await eventually('it is refused', async () => {
      const found = await refusal(() => askAs(t, holder, node))
      return found?.status === 422 ? found : undefined
    })
    t.match(refused.message, /this node was removed by Joinery/)
    await cluster.unban(node)
    await eventually('it is let through', async () => {
      const found = await refusal(() => askAs(t, holder, node))
      return found === undefined
    })
  })

  await t.test('a deleted CSR is gone, and a second deletion is success', async (t) => {
    const { name } = await ownCsr(t, open, unique('node'))
    await cluster.deleteOwnCsr(name)
    t.equal(await cluster.ownCsr(name), undefined)
    t.equal(await world.csr(name), undefined)
    await cluster.deleteOwnCsr(name)
  })

  await t.test("the server may not delete somebody else's CSR", async (t) => {
    const { name } = await pendingCsr(t, open, unique('node'))
    await t.rejects(cluster.deleteOwnCsr(name), { code: 'cluster-unavailable', message: /no CSR but its own/ })
    t.ok(await world.csr(name))
  })

  await t.test('the server may not make a CSR without its own prefix', async (t) => {
    const name = unique('own')
    const { request } = await kubeletRequest(unique('node'))
    await t.rejects(cluster.createOwnCsr({ name, request }), { code: 'cluster-unavailable', message: /are called/ })
    t.equal(await world.csr(name), undefined)
  })
}
