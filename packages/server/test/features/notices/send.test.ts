import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type LookupFunction, type Socket } from 'node:net'
import { makeCertificate } from '@joinery/testing/etcd/certificates'
import type { Test } from 'tap'
import t from 'tap'
import { type Answered, onlyLoopback, sendOnce } from '../../../src/features/notices/send.ts'

/** Milliseconds for a call that has an answer, on a busy host as well; and for one that has none. */
const [timeout, short] = [5000, 300]

/** Sends one request there. */
const send = (url: string, more: Partial<Parameters<typeof sendOnce>[0]> = {}): Promise<Answered> =>
  sendOnce(
    { url: new URL(url), headers: { 'webhook-id': 'msg_1' }, body: '{}', onlyHere: true, timeout, ...more },
    new AbortController().signal
  )

/** A receiver over HTTP, and the sockets that are open there. */
const receiver = async (t: Test, answer: RequestListener) => {
  const server = createServer(answer)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=1`, sockets }
}

/** Resolves when no socket is open any more. */
const closed = async (sockets: ReadonlySet<Socket>): Promise<void> => {
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.on('close', resolve))))
}

t.test('a notice is one POST with its headers, and the status of the answer is read', async (t) => {
  const { url, sockets } = await receiver(t, async (request, response) => {
    t.match(request, { method: 'POST', url: '/hook?key=1', headers: { 'webhook-id': 'msg_1' } })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    t.equal(Buffer.concat(chunks).toString(), '{}')
    response.writeHead(429, { 'retry-after': '7' }).end('later')
  })
  t.same(await send(url), { status: 429, retryAfter: 7_000 })
  await closed(sockets)
})

t.test('a redirect is an answer, and nobody goes there', async (t) => {
  const other = await receiver(t, () => t.fail('it was followed'))
  const { url } = await receiver(t, (_, response) => response.writeHead(307, { location: other.url }).end())
  t.same(await send(url), { status: 307 })
})

t.test('a receiver that never answers costs the time-out, and its connection is closed', async (t) => {
  const { url, sockets } = await receiver(t, () => {})
  t.same(await send(url, { timeout: short }), { failure: 'no answer within 0.3 s' })
  await closed(sockets)
})

t.test('a receiver that sends a byte now and then costs no more', async (t) => {
  const { url, sockets } = await receiver(t, (_, { socket }) => {
    socket?.write('HTTP/1.1 200 OK\r\nx: ')
    const drip = setInterval(() => socket?.write('x'), 20)
    socket?.on('close', () => clearInterval(drip))
  })
  t.same(await send(url, { timeout: short }), { failure: 'no answer within 0.3 s' })
  await closed(sockets)
})

t.test('an endless body is not read, and its connection is closed', async (t) => {
  let written = 0
  const { url, sockets } = await receiver(t, (_, response) => {
    response.writeHead(200)
    const pour = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) written += 64 * 1024
      if (!response.destroyed) response.once('drain', pour)
    }
    pour()
  })
  t.same(await send(url), { status: 200 })
  await closed(sockets)
  t.ok(written < 64 * 1024 * 1024, `${written} bytes`)
})

t.test('an answer that is none, or that is too long, is a failure', async (t) => {
  const texts = ['HELO\r\n\r\n', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(64 * 1024)}\r\n\r\n`, 'HTTP/1.1 101 X\r\n\r\n', '']
  for (const text of texts) {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(text))
    }).listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    await once(server, 'listening')
    const answered = await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    t.match(answered, { failure: /^(the connection|no answer)/ }, JSON.stringify(text.slice(0, 20)))
  }
})

t.test('nobody listens', async (t) => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  t.same(await send(`http://127.0.0.1:${port}/`), { failure: 'nobody listens there' })
})

t.test('http goes to this host alone, wherever the name leads', async (t) => {
  // the name is in no file of a host, and leads nowhere; an address needs no look
  const elsewhere = await send('http://joinery.invalid/', { timeout: 30_000 })
  t.match(elsewhere, { failure: /name/ })
  const { url } = await receiver(t, (_, response) => response.end())
  t.same(await send(url.replace('127.0.0.1', 'localhost')), { status: 200 })
})

t.test('a server that ends cuts the try', async (t) => {
  const { url, sockets } = await receiver(t, () => stop.abort())
  const stop = new AbortController()
  const answered = await sendOnce(
    { url: new URL(url), headers: {}, body: '{}', onlyHere: true, timeout: 60_000 },
    stop.signal
  )
  t.ok('failure' in answered)
  await closed(sockets)
})

t.test('a name that leads to another host is refused before anything is sent', async (t) => {
  const asked = (address: Parameters<Parameters<LookupFunction>[2]>[1]) =>
    new Promise((resolve) => {
      const look: LookupFunction = (_host, _options, done) => done(null, address, 4)
      onlyLoopback(look)('localhost', {}, (error, found) => resolve(error === null ? found : error.code))
    })
  t.same(await asked('127.0.0.1'), '127.0.0.1')
  t.same(await asked([{ address: '::1', family: 6 }]), [{ address: '::1', family: 6 }])
  const others = [
    '192.0.2.1',
    '0.0.0.0',
    '::',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    [
      { address: '127.0.0.1', family: 4 },
      { address: '192.0.2.1', family: 4 }
    ]
  ]
  for (const address of others) t.equal(await asked(address), 'ENOTHERE', JSON.stringify(address))
})

t.test('the certificate of a receiver must come from a CA that is known, and be for its name', async (t) => {
  const authority = await makeCertificate({ name: 'ca' })
  const serve = async (address: string) => {
    const { cert, key } = await makeCertificate({ name: 'relay', serial: '02', issuer: authority, address })
    const server = createTlsServer({ cert, key }, (_, response) => response.end()).listen(0, '127.0.0.1')
    server.on('tlsClientError', () => {})
    t.teardown(() => server.close())
    await once(server, 'listening')
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }
  const right = await serve('127.0.0.1')
  t.same(await send(right, { certificateAuthority: authority.cert, onlyHere: false }), { status: 200 })
  t.match(await send(right, { onlyHere: false }), { failure: 'its certificate is not trusted: name its CA by caFile' })
  const other = await makeCertificate({ name: 'ca' })
  t.match(await send(right, { certificateAuthority: other.cert, onlyHere: false }), { failure: /certificate|CERT/ })
  const wrong = await serve('192.0.2.1')
  t.match(await send(wrong, { certificateAuthority: authority.cert, onlyHere: false }), {
    failure: 'its certificate is for another name'
  })
})
