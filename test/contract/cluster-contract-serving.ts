import { createPrivateKey, X509Certificate } from 'node:crypto'
import { nodeUsername, servingSigner } from '@joinery/kube/names'
import type { ProblemError } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletIdentity, type OpenCluster, submit, unique } from '@joinery/testing/cluster/cluster-fixture'
import { kubeletUsages, servingUsages } from '@joinery/testing/cluster/world/cluster-world'
import { servingRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'

/** What kubelets serve TLS with: seen always, approved only where the cluster was set up for it. */
export const servingContract = async (t: Test, open: OpenCluster): Promise<void> => {
  const { cluster, world, serving = false } = open

  const seen = (name: string) =>
    eventually(`the port shows the CSR ${name}`, async () =>
      (await cluster.servingCsrs()).find((csr) => csr.name === name)
    )
  /** A pending one of a kubelet, for its name and 192.0.2.7. */
  const pending = async (t: Test, node = unique('node'), usages = servingUsages) => {
    const holder = await kubeletIdentity(t, open, node)
    const { request, key } = await servingRequest(node, ['192.0.2.7'])
    const name = await submit(t, open, { holder, request, usages, signer: servingSigner })
    return { key, node, ...(await seen(name)) }
  }

  await t.test('a request for a serving certificate shows who asks for what, and is listed apart', async (t) => {
    const { key, node, uid, created, credentialId, ...shown } = await pending(t)
    t.match(credentialId, /^X509SHA256=[0-9a-f]{64}$/)
    t.same(
      { ...shown, groups: shown.groups.toSorted() },
      {
        name: shown.name,
        username: nodeUsername(node),
        groups: ['system:authenticated', 'system:nodes'],
        usages: servingUsages,
        signer: servingSigner,
        request: shown.request,
        approved: false,
        denied: false
      }
    )
    t.match(uid, /./)
    t.notOk((await cluster.kubeletCsrs()).some(({ name }) => name === shown.name))
  })

  if (!serving) {
    await t.test('a server that is not set up for serving certificates may approve none', async (t) => {
      const csr = await pending(t)
      await t.rejects(cluster.approveCsr(csr), { code: 'cluster-unavailable', message: /forbids it \(403\)/ })
      t.match(await world.csr(csr.name), { approved: false, certificate: undefined })
    })
    return
  }

  await t.test('the server approves a serving request by name and uid, and a second approval is success', async (t) => {
    const csr = await pending(t)
    const left = await pending(t)
    // a policy that was changed takes an API server some seconds to heed
    await eventually('it may be approved', () =>
      cluster.approveCsr(csr).then(
        () => true,
        (error: ProblemError) => error.code !== 'cluster-unavailable' && Promise.reject(error)
      )
    )
    await cluster.approveCsr(csr)
    const pem = await eventually('it is issued', async () => (await world.csr(csr.name))?.certificate)
    const certificate = new X509Certificate(pem)
    t.equal(certificate.subjectAltName, `DNS:${csr.node}, IP Address:192.0.2.7`)
    t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'server auth')
    t.ok(certificate.checkPrivateKey(createPrivateKey(csr.key)), 'it is for the key of the request')
    t.match(await eventually('the port shows it', async () => (await seen(csr.name)).approved), true)
    t.match(await world.csr(left.name), { approved: false, certificate: undefined }, 'nobody approves it by himself')
  })

  await t.test('a serving request that is gone is not found, and a denied one is never approved', async (t) => {
    const [gone, denied] = [await pending(t), await pending(t)]
    await world.deleteCsr(gone.name)
    await t.rejects(cluster.approveCsr(gone), { code: 'not-found' })
    await world.denyCsrAsAdmin(denied.name)
    await t.rejects(cluster.approveCsr(denied), { code: 'illegal-event' })
  })

  await t.test('the server may approve a serving request only for serving', async (t) => {
    const csr = await pending(t, unique('node'), [...servingUsages, 'client auth'])
    await t.rejects(cluster.approveCsr(csr), { code: 'cluster-unavailable', message: /for nothing else/ })
    t.match(await world.csr(csr.name), { approved: false, certificate: undefined })
  })

  await t.test('the server may approve a serving request for no other signer', async (t) => {
    const node = unique('node')
    const holder = await kubeletIdentity(t, open, node)
    const { request } = await servingRequest(node, ['192.0.2.7'])
    const signer = 'kubernetes.io/kube-apiserver-client'
    const name = await submit(t, open, { holder, request, usages: kubeletUsages, signer })
    const { uid } = await eventually('the port shows it', () => cluster.ownCsr(name))
    await t.rejects(cluster.approveCsr({ name, uid }), { code: 'cluster-unavailable', message: /forbids it \(403\)/ })
    t.match(await world.csr(name), { approved: false, certificate: undefined })
  })
}
