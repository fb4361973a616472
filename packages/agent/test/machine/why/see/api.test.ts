import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { filesUnder } from '@joinery/host/files'
import { type Identity, makeCertificate } from '@joinery/testing/etcd/certificates'
import t, { type Test } from 'tap'
import { seeApi as ask } from '../../../../src/machine/why/see/api.ts'
import { seeCertificate } from '../../../../src/machine/why/see/certificate.ts'

const ca = await makeCertificate({ name: 'cluster CA' })
const kubelet = await makeCertificate({ name: 'system:node:worker-1', issuer: ca, serial: '02' })
const date = 'Fri, 27 Nov 2026 10:00:00 GMT'

interface Answer {
  status: number
  body?: string
  date?: string
}

const apiServer = async (t: Test, answer: Answer, leaf?: Identity) => {
  const asked: { path: string | undefined; by: string | undefined }[] = []
  const own = leaf ?? (await makeCertificate({ name: 'kube-apiserver', issuer: ca, address: '127.0.0.1' }))
  const server = createServer(
    { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      asked.push({ path: request.url, by: (request.socket as TLSSocket).getPeerCertificate().subject?.CN as string })
      response.sendDate = false
      response.writeHead(answer.status, answer.date === undefined ? {} : { date: answer.date }).end(answer.body ?? '{}')
    }
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { asked, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const seeApi = (files: Parameters<typeof ask>[0], name: string) => ask(files, async () => [], name)

const machine = (t: Test, server: string, pem = `${kubelet.cert}\n${kubelet.key}`) => {
  const file = '/var/lib/kubelet/pki/kubelet-client-current.pem'
  const conf = `
clusters: [{name: k, cluster: {certificate-authority-data: ${Buffer.from(ca.cert).toString('base64')}, server: '${server}'}}]
users: [{name: u, user: {client-certificate: ${file}, client-key: ${file}}}]
`
  return filesUnder(
    t.testdir({
      etc: { kubernetes: { 'kubelet.conf': conf } },
      var: { lib: { kubelet: { pki: { 'kubelet-client-current.pem': pem } } } }
    })
  )
}

t.test(
  'the Node is asked for with the certificate of the kubelet, and the answer has the time of the server',
  async (t) => {
    for (const status of [200, 401, 404, 500]) {
      const { url, asked } = await apiServer(t, { status, date })
      t.same(await seeApi(machine(t, url), 'worker-1'), {
        server: url,
        host: '127.0.0.1',
        status,
        date: Date.parse(date)
      })
      t.same(asked, [{ path: '/api/v1/nodes/worker-1', by: 'system:node:worker-1' }])
    }
  }
)

t.test('a kubelet that comes without a certificate is told apart from one without a right', async (t) => {
  const body = (user: string) => JSON.stringify({ message: `nodes "worker-1" is forbidden: User "${user}" cannot get` })
  const anonymous = await apiServer(t, { status: 403, body: body('system:anonymous') })
  t.match(await seeApi(machine(t, anonymous.url), 'worker-1'), { status: 403, anonymous: true })
  const known = await apiServer(t, { status: 403, body: body('system:node:worker-1') })
  t.same(Object.keys(await seeApi(machine(t, known.url), 'worker-1')).sort(), ['host', 'server', 'status'])
})

t.test('an API server of another CA is an error, and is told nothing', async (t) => {
  const stranger = await makeCertificate({ name: 'another CA' })
  const leaf = await makeCertificate({ name: 'kube-apiserver', issuer: stranger, address: '127.0.0.1' })
  const { url, asked } = await apiServer(t, { status: 200, date }, leaf)
  t.match(await seeApi(machine(t, url), 'worker-1'), {
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    problem: /did not sign$/,
    date: undefined
  })
  t.same(asked, [])
})

t.test('nobody who listens is an error', async (t) => {
  t.match(await seeApi(machine(t, 'https://127.0.0.1:1'), 'worker-1'), { code: 'ECONNREFUSED', problem: /refuses/ })
})

t.test('a machine without kubelet.conf, or without a certificate, cannot ask', async (t) => {
  await t.rejects(seeApi(filesUnder(t.testdir({})), 'worker-1'), /there is no \/etc\/kubernetes\/kubelet\.conf/)
})

t.test('a name that is not resolved is told apart from an address that does not answer', async (t) => {
  const files = machine(t, 'https://nobody.invalid:1')
  const unknown = async () => {
    throw Object.assign(new Error('x'), { code: 'ETIMEDOUT' })
  }
  t.match(await ask(files, unknown, 'worker-1'), {
    host: 'nobody.invalid',
    code: 'ENOTFOUND',
    problem: /not resolved$/
  })
  t.match(await ask(files, async () => ['127.0.0.1'], 'worker-1'), { host: 'nobody.invalid', code: /^E/ })
})

for (const [name, days, code] of [
  ['over', [-3, -1], 'CERT_HAS_EXPIRED'],
  ['not valid yet', [1, 3], 'CERT_NOT_YET_VALID']
] as const) {
  t.test(
    `an API server whose certificate is ${name} by this clock still says its time, and hears nothing`,
    async (t) => {
      const [from, until] = days.map((day) => new Date(Date.now() + day * 86_400_000)) as [Date, Date]
      const leaf = await makeCertificate({ name: 'x', issuer: ca, address: '127.0.0.1', valid: { from, until } })
      const { url, asked } = await apiServer(t, { status: 401, date }, leaf)
      t.match(await seeApi(machine(t, url), 'worker-1'), { code, date: Date.parse(date) })
      t.same(asked, [{ path: '/livez', by: undefined }])
    }
  )
}

t.test('the certificate of the kubelet is there, missing or unreadable', async (t) => {
  const at = (pem: string) => seeCertificate(machine(t, 'https://127.0.0.1:1', pem))
  const good = await at(`${kubelet.cert}\n${kubelet.key}`)
  t.ok(typeof good === 'object' && good.from < Date.now() && good.until > Date.now())
  t.equal(await at(''), 'unreadable')
  t.equal(await at('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), 'unreadable')
  t.equal(await seeCertificate(filesUnder(t.testdir({}))), 'missing')
})
