import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect } from 'node:tls'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'
import { noFacts, type State } from '@joinery/protocol'
import { rawTls } from '@joinery/testing/requests/raw-tls'
import t, { type Test } from 'tap'
import { type Budgets, budgets } from '../../../src/core/base/budgets.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { Door } from '../../../src/front/connection-guard/connection-guard.ts'

const identity = await loadIdentity(memoryFiles(), '', noFacts)
const { key, certificate: cert } = identity

interface Opened {
  enrolment?: () => Promise<{ state: State } | undefined>
  answer?: (request: IncomingMessage, response: ServerResponse) => void
  sent?: Partial<Budgets['sent']>
}

/** A listener behind a door, whose clock stands. */
const open = async (t: Test, { enrolment = async () => undefined, answer, sent }: Opened = {}) => {
  const world = { now: 0 }
  const door = new Door({
    budgets: { ...budgets, sent: { ...budgets.sent, ...sent } },
    now: () => world.now,
    enrolment,
    log: makeLog({ write: () => {} })
  })
  const server = createServer(
    { key, cert, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false },
    answer
  )
  door.guard(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    door.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const line = () => {
    const socket = connect({ port, host: '127.0.0.1', key, cert, rejectUnauthorized: false })
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    return socket
  }
  return { door, server, port, world, line }
}

t.test('D2: what a commit says of a key counts more than what was read of it before', async (t) => {
  const asked = Promise.withResolvers<void>()
  const read = Promise.withResolvers<{ state: State }>()
  const enrolment = () => {
    asked.resolve()
    return read.promise
  }
  const { door, line } = await open(t, { enrolment })
  line()
  await asked.promise
  door.note({ key: identity.fingerprint, state: 'rejected' })
  read.resolve({ state: 'approved' })
  await nextTurn()
  t.same(door.size, { known: 0, strangers: 1 })
  door.note({ key: identity.fingerprint, state: 'approved' })
  t.same(door.size, { known: 1, strangers: 0 })
})

t.test('D4: a stranger with another request open is not idle', async (t) => {
  const responses: ServerResponse[] = []
  const both = Promise.withResolvers<void>()
  const answer = (_: IncomingMessage, response: ServerResponse) => {
    if (responses.push(response) === 2) both.resolve()
  }
  const { server, world, line } = await open(t, { answer })
  const asking = line()
  asking.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2))
  await both.promise
  const [first, second] = responses
  first?.end('first')
  await once(first as ServerResponse, 'close')
  const idle = line().resume()
  await once(server, 'secureConnection')
  world.now += budgets.keepAlive.strangers * 2
  await once(idle, 'close')
  t.pass('who is idle was cut')
  let came = ''
  asking.on('data', (chunk) => {
    came += chunk
  })
  second?.end('second')
  const cut = once(asking, 'close').then(() => true)
  let isCut = false
  while (!isCut && !came.includes('second')) isCut = await Promise.race([once(asking, 'data').then(() => false), cut])
  t.match(came, /first[\s\S]*second/)
})

t.test('D5: connections that come without end do not put off a handshake for ever', async (t) => {
  const { server, line } = await open(t)
  const socket = line()
  let done = false
  socket.once('secureConnect', () => {
    done = true
  })
  // one in each turn of the event loop, as the kernel gives them
  let turns = 0
  for (; !done && turns < 20_000; turns += 1) {
    server.emit('connection', new Socket())
    await nextTurn()
  }
  t.ok(done, `${turns} turns`)
})

t.test('B2: strangers whose records wait for a turn are cut beyond so many', async (t) => {
  const { door, port } = await open(t, { sent: { atOnce: 0, waiting: 2 } })
  const lines = await Promise.all(Array.from({ length: 12 }, () => rawTls(port)))
  for (const { tcp } of lines) t.teardown(() => tcp.destroy())
  t.equal(door.size.strangers, 12)
  for (const { tcp, write } of lines) tcp.write(write.data('GET / HTTP/1.1\r\n'))
  await Promise.any(lines.map(({ tls }) => once(tls, 'close')))
  t.ok(door.size.strangers >= 2, 'and those that wait stay')
})
