import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { dialBackAnswer } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { systemRandom } from '../../../src/core/base/random.ts'
import { tcpDialler } from '../../../src/features/dial-back/tcp-dialler.ts'

const nonce = 'ab'.repeat(32)
/** One waits for an answer on a busy host as well; the other one has none to wait for. */
const [dialler, hasty] = [tcpDialler(systemRandom, 10_000), tcpDialler(systemRandom, 150)]

/** A real listener on loopback that does this with each connection; gives its port, and what it was told. */
const listener = async (t: Test, act: (socket: Socket, line: string) => unknown) => {
  const heard: string[] = []
  const closed: Promise<unknown>[] = []
  const server = createServer((socket) => {
    closed.push(new Promise((resolve) => socket.on('close', resolve)))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      heard.push(chunk.toString())
      act(socket, chunk.toString())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { port: (server.address() as AddressInfo).port, heard, closed }
}

/** Port of a connection that is open: nobody listens there, and the system gives it to nobody who would. */
const closedPort = async (t: Test): Promise<number> => {
  const { port } = await listener(t, () => {})
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket.localPort ?? 0
}

const answers = (challenge: string): string => dialBackAnswer(nonce, challenge.trimEnd())

const cases: [what: string, act: (socket: Socket, line: string) => unknown, dialled: string][] = [
  ['a machine that knows the nonce', (socket, line) => socket.end(`${answers(line)}\n`), 'open'],
  [
    'a machine that knows the nonce and sends it byte by byte',
    (socket, line) => {
      socket.setNoDelay()
      for (const byte of `${answers(line)}\n`) socket.write(byte)
    },
    'open'
  ],
  ['a silent machine', () => {}, 'no-answer'],
  ['a machine that closes', (socket) => socket.end(), 'no-answer'],
  ['a machine that resets', (socket) => socket.resetAndDestroy(), 'no-answer'],
  ['a machine that begins and does not end', (socket, line) => socket.write(answers(line).slice(0, 40)), 'no-answer'],
  ['a machine that ends too soon', (socket, line) => socket.end(answers(line)), 'no-answer'],
  ['an echo', (socket, line) => socket.write(line), 'no-answer'],
  [
    'a machine with another nonce',
    (socket, line) => socket.write(`${dialBackAnswer('cd'.repeat(32), line.trimEnd())}\n`),
    'no-answer'
  ],
  ['a web server', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(200, 'x')), 'no-answer'],
  [
    'a machine that answers in capitals',
    (socket, line) => socket.write(`${answers(line).toUpperCase()}\n`),
    'no-answer'
  ]
]

for (const [what, act, dialled] of cases) {
  t.test(`a dial to ${what} is ${dialled}`, async (t) => {
    const { port, closed } = await listener(t, act)
    const one = dialled === 'open' ? dialler : hasty
    t.equal(await one.dial('127.0.0.1', port, nonce), dialled)
    await Promise.all(closed)
    t.pass('and nothing stays connected')
  })
}

t.test('a dial to a port without a listener is refused', async (t) => {
  t.equal(await dialler.dial('127.0.0.1', await closedPort(t), nonce), 'refused')
})

t.test('a flood of bytes is read no further than the length of an answer', async (t) => {
  let sent = 0
  const { port, closed } = await listener(t, (socket) => {
    const chunk = Buffer.alloc(64 * 1024, 'a')
    const flood = (): void => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
    }
    socket.on('drain', flood)
    flood()
  })
  t.equal(await hasty.dial('127.0.0.1', port, nonce), 'no-answer')
  await Promise.all(closed)
  t.ok(sent < 64 * 2 ** 20, 'what is in the buffers of the kernel, and no stream of it')
})

t.test('each dial asks another question, and never says the nonce', async (t) => {
  const { port, heard } = await listener(t, (socket) => socket.end())
  await dialler.dial('127.0.0.1', port, nonce)
  await dialler.dial('127.0.0.1', port, nonce)
  t.match(heard, [/^[0-9a-f]{64}\n$/, /^[0-9a-f]{64}\n$/])
  t.not(heard[0], heard[1])
  t.notMatch(heard.join(''), nonce)
})

t.test('a host name is neither looked up nor dialled', async (t) => {
  const { port, heard } = await listener(t, (socket, line) => socket.end(`${answers(line)}\n`))
  t.equal(await dialler.dial('localhost', port, nonce), 'no-answer')
  t.same(heard, [])
})

t.test('a knock says nothing, hears nothing, and tells whether somebody listens', async (t) => {
  const { port, heard, closed } = await listener(t, (socket) => socket.end())
  t.equal(await dialler.knock('127.0.0.1', port), 'open')
  await Promise.all(closed)
  t.same(heard, [], 'not a byte was sent')
  t.equal(await dialler.knock('127.0.0.1', await closedPort(t)), 'refused')
  t.equal(await dialler.knock('localhost', port), 'no-answer', 'a host name is not looked up')
})
