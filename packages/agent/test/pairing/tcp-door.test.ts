import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { dialBackAnswer } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { freePort } from '@joinery/testing/doors/free-port'
import t from 'tap'
import { tcpDoor } from '../../src/pairing/tcp-door.ts'

const nonce = 'ab'.repeat(32)
const challenge = '01'.repeat(32)

/** What comes back when this is said to the port. */
const say = async (port: number, words: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(words)
  return text(socket).catch(() => '')
}

/** Opens the door on ports that nobody else has. If somebody took one meanwhile, it opens none, and others are tried. */
const open = (count: number) =>
  eventually('ports that nobody else takes', async () => {
    const ports = await Promise.all(Array.from({ length: count }, freePort))
    const close = await tcpDoor.open(ports, nonce)
    return close && { ports, port: ports[0] ?? 0, close }
  })

t.test('the door answers the challenge on each port, and is gone when it is closed', async (t) => {
  const { ports, close } = await open(2)
  for (const port of ports)
    t.equal(await say(port, `${challenge}\n`), `${dialBackAnswer(nonce, challenge)}\n`, `port ${port}`)
  await close()
  for (const port of ports) t.equal(await say(port, `${challenge}\n`), '', `port ${port}`)
})

t.test('the door answers only a challenge, however long the input is', async (t) => {
  const { port, close } = await open(1)
  t.teardown(close)
  for (const words of [
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.padEnd(100, 'x'),
    `${challenge}${challenge}\n`,
    `${challenge.toUpperCase().replaceAll('0', 'A')}\n`,
    '\n'.repeat(100),
    'a'.repeat(1_000_000)
  ]) {
    t.equal(await say(port, words), '', words.slice(0, 20))
  }
  t.equal(await say(port, `${challenge}\n`), `${dialBackAnswer(nonce, challenge)}\n`, 'and it is still there')
})

t.test('the door holds a few connections, and silent ones do not keep others out', async (t) => {
  const { port, close } = await open(1)
  const silent = Array.from({ length: 10 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  const dropped = Promise.withResolvers<void>()
  let left = silent.length
  for (const socket of silent) {
    socket.on('close', () => {
      left -= 1
      if (left === 4) dropped.resolve()
    })
    socket.resume()
  }
  await dropped.promise
  const closed = Promise.all(silent.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')))
  await close()
  await closed
  t.equal(left, 0, 'and none outlives it')
})

t.test('the door opens no port if somebody else has one of them', async (t) => {
  const { port: free, close } = await open(1)
  await close()
  const other = createServer().listen(0)
  await once(other, 'listening')
  t.teardown(() => other.close())
  const taken = (other.address() as AddressInfo).port
  t.equal(await tcpDoor.open([free, taken], nonce), undefined)
  t.equal(await say(free, `${challenge}\n`), '')
})
