import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tcpDoor } from '@joinery/agent/testing/pairing'
import { agentRoutes } from '@joinery/protocol'
import { systemRandom } from '@joinery/server/testing/base'
import { tcpDialler } from '@joinery/server/testing/dial-back'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'
import { Agent, request } from 'undici'

const nonce = 'ab'.repeat(32)
const ask = { ports: [10250], nonce }

const enrolled = async (pairing: Pairing, name: string, addresses = ['127.0.0.1']) => {
  const machine = await pairing.machine()
  const facts = { ...machine.facts, addresses }
  await machine.enrol((await pairing.code(name)).code, { facts })
  return machine
}

t.test('a machine learns whether the server reaches it at the address that the server sees', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing, 'worker-1', ['127.0.0.1', '10.0.0.66'])
  const reach = async (way: 'open' | 'refused' | 'no-answer') => {
    const close = await pairing.doors.door(() => way).open(ask.ports, nonce)
    return machine.server.reachability(ask).finally(close)
  }
  for (const way of ['open', 'refused', 'no-answer'] as const) {
    t.same(await reach(way), { address: '127.0.0.1', ports: [{ port: 10250, reach: way }] }, way)
  }
  t.match(await machine.server.reachability(ask), { ports: [{ reach: 'refused' }] }, 'nobody stands at the door')
  await approve(pairing, 'worker-1')
  t.match(await reach('open'), { ports: [{ reach: 'open' }] }, 'approved, too')
  t.same((await pairing.operator.show('worker-1')).timeline.length, 2, 'and it leaves no trace')
})

t.test('a machine that is seen at another address than its own is behind NAT, unless it answers', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing, 'worker-1', ['10.0.0.66'])
  t.same(await machine.server.reachability(ask), {
    address: '127.0.0.1',
    ports: [{ port: 10250, reach: 'behind-nat' }]
  })
  const close = await pairing.doors.door().open(ask.ports, nonce)
  t.match(await machine.server.reachability(ask).finally(close), { ports: [{ reach: 'open' }] })
})

t.test('the server dials only a machine that waits for its join', async (t) => {
  const pairing = await openPairing(t)
  const stranger = await pairing.machine()
  t.equal(await refusedWith(stranger.server.reachability(ask)), 'not-found', 'never enrolled')
  const machine = await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  await machine.server.claim()
  t.equal(await refusedWith(machine.server.reachability(ask)), 'illegal-event', 'joining')
  await pairing.operator.reject('worker-1', { reason: 'not ours' })
  t.equal(await refusedWith(machine.server.reachability(ask)), 'not-found', 'rejected')
})

t.test('a second dial at the same time is refused, but not that of another machine', async (t) => {
  const pairing = await openPairing(t)
  const dialled = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<'open'>()
  pairing.doors.dialler.dial = async () => {
    dialled.resolve()
    return answer.promise
  }
  const machine = await enrolled(pairing, 'worker-1')
  const other = await enrolled(pairing, 'worker-2')
  const first = machine.server.reachability(ask)
  await dialled.promise
  for (let tries = 0; tries < 10; tries += 1) {
    await t.rejects(machine.server.reachability(ask), { code: 'too-many-requests', retryAfter: 5000 }, `${tries}`)
  }
  const second = other.server.reachability(ask)
  answer.resolve('open')
  t.match(await Promise.all([first, second]), [{ ports: [{ reach: 'open' }] }, { ports: [{ reach: 'open' }] }])
  t.equal(await refusedWith(machine.server.reachability(ask)), undefined, 'when it is over, again')
})

t.test('hanging dials of a leaked code do not keep out another machine', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.operator.createCode({ ttl: 600, uses: 66 })
  const hanging = Promise.withResolvers<'no-answer'>()
  const honest = await enrolled(pairing, 'honest')
  const strangers = await Promise.all(Array.from({ length: 66 }, () => pairing.machine()))
  await Promise.all(strangers.map((stranger, index) => stranger.enrol(code, { name: `stranger-${index}` })))
  let dialled = 0
  pairing.doors.dialler.dial = () => {
    dialled += 1
    return hanging.promise
  }
  let refused = 0
  const asked = strangers.map(async ({ server }) => {
    const refusal = await refusedWith(server.reachability(ask))
    if (refusal !== undefined) refused += 1
  })
  await eventually('each one is dialled or refused', () => dialled + refused === strangers.length)
  pairing.doors.dialler.dial = async () => 'open'
  t.match(await honest.server.reachability(ask), { ports: [{ reach: 'open' }] })
  hanging.resolve('no-answer')
  await Promise.all(asked)
})

t.test('broken ports, nonces and addresses are refused, and nobody is dialled', async (t) => {
  const pairing = await openPairing(t)
  const dialled: string[] = []
  pairing.doors.dialler.dial = async (address, port) => {
    dialled.push(`${address}:${port}`)
    return 'refused'
  }
  const machine = await enrolled(pairing, 'worker-1')
  const send = raw(pairing, machine)
  const bodies: [string, unknown][] = [
    ['another port', { ...ask, ports: [22] }],
    ['another port beside', { ...ask, ports: [10250, 22] }],
    ['no port', { ...ask, ports: [] }],
    ['one port twice', { ...ask, ports: [10250, 10250] }],
    ['a port as text', { ...ask, ports: ['10250'] }],
    ['a fraction', { ...ask, ports: [10250.5] }],
    ['no nonce', { ports: [10250] }],
    ['a short nonce', { ...ask, nonce: 'ab' }],
    ['a long nonce', { ...ask, nonce: `${nonce}ab` }],
    ['a nonce in capitals', { ...ask, nonce: nonce.toUpperCase() }],
    ['a nonce with a line break', { ...ask, nonce: `${nonce.slice(1)}\n` }],
    ['a nonce with a line break behind it', { ...ask, nonce: `${nonce}\n` }],
    ['nothing', null]
  ]
  for (const [what, body] of bodies) {
    t.match(await send(JSON.stringify(body)), { status: 400, body: { code: 'invalid-request' } }, what)
  }
  t.same(dialled, [])
  await send(JSON.stringify(ask), { 'x-forwarded-for': '169.254.169.254', forwarded: 'for=169.254.169.254' })
  t.same(dialled, ['127.0.0.1:10250'], 'nor does a header say where')
  await send(JSON.stringify({ ...ask, address: '169.254.169.254', host: 'metadata.internal' }))
  t.same(dialled, ['127.0.0.1:10250', '127.0.0.1:10250'], 'nor a field that the server does not know')
})

t.test('neither the nonce nor the answer is logged', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing, 'worker-1')
  await machine.server.reachability(ask)
  pairing.doors.dialler.dial = async () => {
    throw new Error('SECRET of the peer')
  }
  t.equal(await refusedWith(machine.server.reachability(ask)), 'internal')
  t.notMatch(pairing.log, nonce)
})

t.test('the door of the agent and the dialler of the server understand each other', async (t) => {
  const other = createServer().listen(0)
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await once(other.close(), 'close')
  const dialler = tcpDialler(systemRandom)
  const close = await tcpDoor.open([port], nonce)
  t.equal(await dialler.dial('127.0.0.1', port, nonce), 'open')
  t.equal(await dialler.dial('127.0.0.1', port, 'cd'.repeat(32)), 'no-answer', 'by another nonce')
  await close?.()
  t.equal(await dialler.dial('127.0.0.1', port, nonce), 'refused')
})

/** Sends a body as it is. */
const raw = (pairing: Pairing, { identity }: TestMachine) => {
  const dispatcher = new Agent({
    connect: { rejectUnauthorized: false, cert: identity.certificate, key: identity.key }
  })
  return async (body: string, headers: Record<string, string> = {}) => {
    const { path } = agentRoutes.reachability
    const answer = await request(`${pairing.url}${path}`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', ...headers },
      body
    })
    return { status: answer.statusCode, body: await answer.body.json() }
  }
}
