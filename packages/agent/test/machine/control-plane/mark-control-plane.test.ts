import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeCertificate } from '@joinery/testing/etcd/certificates'
import t, { type Test } from 'tap'
import { markControlPlane } from '../../../src/machine/control-plane/mark-control-plane.ts'

const ca = await makeCertificate({ name: 'cluster CA' })
const admin = await makeCertificate({ name: 'kubernetes-admin', issuer: ca, serial: '02' })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** An API server with one Node, which keeps what is patched; undefined: it has none. */
const apiServer = async (t: Test, node: object | undefined) => {
  const patches: unknown[] = []
  const leaf = await makeCertificate({ name: 'kube-apiserver', issuer: ca, address: '127.0.0.1' })
  const server = createServer({ ...leaf, ca: ca.cert, requestCert: true }, async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    if (request.method === 'PATCH') patches.push([request.headers['content-type'], JSON.parse(body)])
    const found = request.url === '/api/v1/nodes/cp-2' && node !== undefined
    response.writeHead(found ? 200 : 404).end(JSON.stringify(found ? node : {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const conf = JSON.stringify({
    clusters: [
      {
        cluster: {
          server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
          'certificate-authority-data': base64(ca.cert)
        }
      }
    ],
    users: [{ user: { 'client-certificate-data': base64(admin.cert), 'client-key-data': base64(admin.key) } }]
  })
  const read = async (path: string) => (path === '/etc/kubernetes/admin.conf' ? conf : undefined)
  return { patches, mark: () => markControlPlane({ read }, 'cp-2') }
}

const labels = {
  'node-role.kubernetes.io/control-plane': '',
  'node.kubernetes.io/exclude-from-external-load-balancers': ''
}
const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }
const other = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

t.test('a Node gets the marks of kubeadm beside its own, and only at the revision that was read', async (t) => {
  const { patches, mark } = await apiServer(t, { metadata: { resourceVersion: '7' }, spec: { taints: [other] } })
  await mark()
  const patch = { metadata: { resourceVersion: '7', labels }, spec: { taints: [other, taint] } }
  t.same(patches, [['application/merge-patch+json', patch]])
})

t.test('a Node that kubeadm has marked is left as it is', async (t) => {
  const { patches, mark } = await apiServer(t, {
    metadata: { resourceVersion: '7', labels },
    spec: { taints: [taint] }
  })
  await mark()
  t.same(patches, [])
})

t.test('an error says that the Node or admin.conf is missing', async (t) => {
  const { patches, mark } = await apiServer(t, undefined)
  await t.rejects(mark(), /HTTP status 404/)
  t.same(patches, [])
  await t.rejects(
    markControlPlane({ read: async () => undefined }, 'cp-2'),
    /there is no \/etc\/kubernetes\/admin\.conf/
  )
})
