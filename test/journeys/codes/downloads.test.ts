import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { packagePath } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

/** More than the kernels of both sides keep for a reader that does not read. */
const size = 12 * 1024 * 1024

const open = async (t: Test) => {
  const agentPackage = join(t.testdir(), 'joinery-agent.deb')
  writeFileSync(agentPackage, Buffer.alloc(size, 'deb'))
  const pairing = await openPairing(t, { agentPackage })
  const { install } = await pairing.code('worker-1')
  return { pairing, path: packagePath(install.package?.sha256 ?? '') }
}

/** Asks for the path as a stranger, and reads no more than the first piece of the answer. */
const ask = async (t: Test, { url }: Pairing, localAddress: string, path: string, method = 'GET') => {
  // the types do not know the address, which is handed on to the socket
  const options = { host: '127.0.0.1', port: Number(new URL(url).port), localAddress, rejectUnauthorized: false }
  const socket = connect(options)
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write(`${method} ${path} HTTP/1.1\r\nhost: joinery-server\r\n\r\n`)
  const [first] = (await once(socket, 'data')) as [Buffer]
  socket.pause()
  const head = first.toString('latin1')
  return { status: Number(head.slice(9, 12)), head, socket, came: first.length }
}

/** Reads on, to the end of the connection. Returns how many bytes came. */
const readOn = async (socket: TLSSocket, until = Number.POSITIVE_INFINITY): Promise<number> => {
  let came = 0
  const over = Promise.withResolvers<void>()
  socket.on('data', (chunk: Buffer) => {
    came += chunk.length
    if (came >= until) over.resolve()
  })
  socket.once('close', () => over.resolve())
  socket.resume()
  await over.promise
  return came
}

const times = <T>(many: number, work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: many }, work))

t.test('B1: few packages are on their way at once, and an address that has most makes room', async (t) => {
  const { pairing, path } = await open(t)
  const others = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']
  const hostile = []
  for (const address of others) hostile.push(...(await times(4, () => ask(t, pairing, address, path))))
  t.same(new Set(hostile.map(({ status }) => status)), new Set([200]))
  for (const address of others) {
    const { status, head } = await ask(t, pairing, address, path)
    t.equal(status, 429, address)
    t.match(head, /\r\nretry-after: 5\r\n/i)
    t.match(head, /too-many-requests/)
  }
  const honest = await ask(t, pairing, '127.0.0.1', path)
  t.equal(honest.status, 200)
  t.ok(honest.came + (await readOn(honest.socket, size - honest.came)) >= size, 'and it gets the whole package')
  const [oldest] = hostile
  t.ok(oldest && oldest.came + (await readOn(oldest.socket)) < size, 'the oldest of another address was cut')
  t.equal((await ask(t, pairing, '127.0.0.1', path)).status, 200, 'a package that arrived makes room as well')
})

t.test('B1: a package that does not get on is cut, and makes room', async (t) => {
  const { pairing, path } = await open(t)
  const hostile = await times(4, () => ask(t, pairing, '127.0.0.2', path))
  t.equal((await ask(t, pairing, '127.0.0.2', path)).status, 429)
  await eventually('room for another package', async () => {
    pairing.clock.advance(30_000)
    return (await ask(t, pairing, '127.0.0.2', path)).status === 200
  })
  for (const { came, socket } of hostile) t.ok(came + (await readOn(socket)) < size)
})

t.test('a HEAD does not read a package', async (t) => {
  const { pairing, path } = await open(t)
  t.equal((await ask(t, pairing, '127.0.0.1', path, 'HEAD')).status, 405)
})

t.test('B1: a stranger has so many answers on one connection, and then another connection', async (t) => {
  const { pairing } = await open(t)
  const { socket } = await ask(t, pairing, '127.0.0.1', '/v1/enrolment')
  let [answers, head] = [1, '']
  socket.on('data', (chunk) => {
    answers += 1
    head = String(chunk)
  })
  socket.resume()
  const closed = once(socket, 'close')
  while (answers < 200 && !/\r\nconnection: close\r\n/i.test(head)) {
    const next = once(socket, 'data')
    socket.write('GET /v1/enrolment HTTP/1.1\r\nhost: joinery-server\r\n\r\n')
    await next
  }
  await closed
  t.equal(answers, 100)
})
