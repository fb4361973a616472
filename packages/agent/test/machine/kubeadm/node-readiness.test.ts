import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { filesUnder } from '@joinery/host/files'
import { type Identity, makeCertificate } from '@joinery/testing/etcd/certificates'
import t, { type Test } from 'tap'
import { nodeReadiness } from '../../../src/machine/kubeadm/node-readiness.ts'

const ca = await makeCertificate({ name: 'cluster CA' })
const kubelet = await makeCertificate({ name: 'system:node:worker-1', issuer: ca, serial: '02' })

interface Answer {
  status: number
  body: unknown
}

/** An API server that takes certificates of the cluster CA alone, and tells what it was asked and by whom. */
const apiServer = async (t: Test, answer: Answer, issuer: Identity = ca) => {
  const asked: { path: string | undefined; by: unknown }[] = []
  const leaf = await makeCertificate({ name: 'kube-apiserver', issuer, address: '127.0.0.1' })
  const server = createServer({ ...leaf, ca: ca.cert, requestCert: true }, (request, response) => {
    asked.push({ path: request.url, by: (request.socket as TLSSocket).getPeerCertificate().subject.CN })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { asked, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A machine with a kubelet.conf as the kubelet writes it after its TLS bootstrap. */
const machine = (t: Test, server: string) => {
  const conf = `
apiVersion: v1
kind: Config
clusters:
- name: kubernetes
  cluster:
    certificate-authority-data: ${base64(ca.cert)}
    server: ${server}
users:
- name: default-auth
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
`
  return filesUnder(
    t.testdir({
      etc: { kubernetes: { 'kubelet.conf': conf } },
      var: { lib: { kubelet: { pki: { 'kubelet-client-current.pem': `${kubelet.cert}\n${kubelet.key}` } } } }
    })
  )
}

const node = (...conditions: object[]): Answer => ({ status: 200, body: { kind: 'Node', status: { conditions } } })
const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }

t.test('a Ready Node is ready, and is read by its name with the kubelet’s certificate', async (t) => {
  const { url, asked } = await apiServer(t, node({ type: 'DiskPressure', status: 'False' }, ready))
  t.same(await nodeReadiness(machine(t, url), 'worker-1'), {
    ready: true,
    message: 'KubeletReady: kubelet is posting ready status'
  })
  t.same(asked, [{ path: '/api/v1/nodes/worker-1', by: 'system:node:worker-1' }])
})

t.test('a Node that waits for its network plugin is not ready, in the words of its condition', async (t) => {
  const condition = { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'cni plugin not initialized' }
  const { url } = await apiServer(t, node(condition))
  t.same(await nodeReadiness(machine(t, url), 'worker-1'), {
    ready: false,
    message: 'KubeletNotReady: cni plugin not initialized'
  })
})

const refusals: [string, Answer, RegExp][] = [
  ['a Node that has reported nothing', node(), /has not reported its condition/],
  [
    'a Node that is Unknown',
    node({ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }),
    /^NodeStatusUnknown$/
  ],
  ['no such Node', { status: 404, body: {} }, /no Node of this name/],
  ['a certificate that is not accepted', { status: 401, body: {} }, /does not accept the certificate/],
  ['another Node’s name', { status: 403, body: {} }, /does not let the kubelet read/],
  ['a server in trouble', { status: 503, body: 'etcd' }, /HTTP status 503/]
]
for (const [name, answer, message] of refusals) {
  t.test(`${name} is not ready, and says so`, async (t) => {
    const { url } = await apiServer(t, answer)
    const readiness = await nodeReadiness(machine(t, url), 'worker-1')
    t.equal(readiness.ready, false)
    t.match(readiness.message, message)
  })
}

t.test('the agent sends nothing to a server that the cluster CA did not sign', async (t) => {
  const { url, asked } = await apiServer(t, node(ready), await makeCertificate({ name: 'cluster CA' }))
  t.match(await nodeReadiness(machine(t, url), 'worker-1'), {
    ready: false,
    message: /cluster CA did not sign|signature/
  })
  t.same(asked, [])
})

t.test('a server that does not listen is not ready', async (t) => {
  const { url } = await apiServer(t, node(ready))
  const closed = url.replace(/\d+$/, '1')
  t.match(await nodeReadiness(machine(t, closed), 'worker-1'), { ready: false, message: /refuses the connection/ })
})

t.test('a kubelet that waits for its certificate is not ready, even if it has its kubelet.conf', async (t) => {
  const { url, asked } = await apiServer(t, node(ready))
  const files = machine(t, url)
  await files.remove('/var/lib/kubelet/pki/kubelet-client-current.pem')
  t.match(await nodeReadiness(files, 'worker-1'), { ready: false, message: /no certificate yet/ })
  t.same(asked, [])
  t.match(await nodeReadiness(filesUnder(t.testdir({})), 'worker-1'), { ready: false, message: /no certificate yet/ })
})
