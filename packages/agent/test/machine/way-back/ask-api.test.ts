import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { issueClient } from '../../../src/machine/control-plane/issue-client.ts'
import { askApi } from '../../../src/machine/way-back/ask-api.ts'
import { authority } from './authority.ts'

const [own, other] = await Promise.all([authority(), authority()])

/** An API server that answers with this status, and tells who asked for what. */
const api = async (t: Test, status: number, date = new Date(86_400_000).toUTCString()) => {
  const asked: { path: string | undefined; serial: string | undefined }[] = []
  const options = { ...own, requestCert: true, rejectUnauthorized: false }
  const server = createServer(options, (request, response) => {
    const { serialNumber: serial } = (request.socket as TLSSocket).getPeerCertificate()
    asked.push({ path: request.url, serial })
    response.sendDate = false
    response.writeHead(status, date === '' ? {} : { date }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { way: { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: own.cert }, asked }
}

t.test('the status and the API server’s own time are told, with a certificate and without', async (t) => {
  const { way, asked } = await api(t, 401)
  const { cert: certificate, key } = await issueClient(own, Date.now())
  const answer = { answer: 'http', status: 401, date: 86_400_000 } as const
  t.same(await askApi(way, 'worker-1', { certificate, key }), answer)
  t.same(await askApi(way, 'worker-1'), answer)
  t.match(asked, [
    { path: '/api/v1/nodes/worker-1', serial: String },
    { path: '/api/v1/nodes/worker-1', serial: undefined }
  ])
})

t.test('an answer that does not say what time it is has no time', async (t) => {
  for (const date of ['', 'yesterday']) {
    const { way } = await api(t, 401, date)
    t.same(await askApi(way, 'worker-1'), { answer: 'http', status: 401 }, date)
  }
})

t.test('another CA is told from everything that says nothing', async (t) => {
  const { way } = await api(t, 200)
  t.same(await askApi({ ...way, ca: other.cert }, 'worker-1'), { answer: 'untrusted' })
  t.same(await askApi({ ...way, ca: 'no certificate' }, 'worker-1'), { answer: 'untrusted' })
  const nothing: [string, Partial<typeof way>, RegExp][] = [
    ['nobody listens', { server: 'https://127.0.0.1:1' }, /refuses the connection/],
    ['the certificate is for another name', { server: way.server.replace('127.0.0.1', 'localhost') }, /./],
    ['no URL', { server: 'nonsense' }, /cannot be used/]
  ]
  for (const [what, part, why] of nothing) {
    t.match(await askApi({ ...way, ...part }, 'worker-1'), { answer: 'none', why }, what)
  }
})
