import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { agentRoutes } from '@joinery/protocol'
import { Budgets } from '@joinery/server/testing/base'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'

// eleven servers, one after the other, on a machine that has more to do
t.setTimeout(120_000)

/** Where somebody else sits. */
const elsewhere = '127.0.0.2'

const openWith = (t: Test, over: { [Part in keyof Budgets]?: Partial<Budgets[Part]> }): Promise<Pairing> =>
  openPairing(t, {}, undefined, (container) => {
    const rehearsed = container.resolve(Budgets)
    const small = Object.entries(over).map(([part, numbers]) => [
      part,
      Object.assign({}, rehearsed[part as keyof Budgets], numbers)
    ])
    container.register(Budgets, { useValue: { ...rehearsed, ...Object.fromEntries(small) } })
  })

/** A client's side of one connection, at a lower level than the agent's. */
class Line {
  readonly socket: TLSSocket
  readonly closed: Promise<void>
  open = true

  constructor(t: Test, pairing: Pairing, options: ConnectionOptions & { localAddress?: string } = {}) {
    const port = Number(new URL(pairing.url).port)
    this.socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
    this.socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.open = false
        resolve()
      })
    })
    t.teardown(() => this.socket.destroy())
  }

  /** The status of the answer; undefined where the connection is closed instead. */
  async ask(method = 'GET', path: string = agentRoutes.wait.path, body = ''): Promise<number | undefined> {
    const type = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`
    this.socket.write(`${method} ${path} HTTP/1.1\r\nhost: joinery-server\r\n${type}\r\n${body}`)
    const answer = new Promise<string>((resolve) => this.socket.once('data', (data) => resolve(String(data))))
    const text = await Promise.race([answer, this.closed])
    return text === undefined ? undefined : Number(text.slice(9, 12))
  }
}

const identityOf = ({ identity }: TestMachine) => ({ cert: identity.certificate, key: identity.key })

/** A machine with a live enrolment, on a connection of its own. */
const knownLine = async (t: Test, pairing: Pairing): Promise<{ machine: TestMachine; line: Line }> => {
  const machine = await pairing.machine()
  const line = new Line(t, pairing, identityOf(machine))
  const { code } = await pairing.code()
  const body = JSON.stringify({ code, name: machine.facts.hostname, facts: machine.facts, preflight: [] })
  t.equal(await line.ask('POST', agentRoutes.enrol.path, body), 201)
  return { machine, line }
}

t.test('strangers that take all places lock out neither known machines nor new ones with a code', async (t) => {
  const pairing = await openWith(t, { connections: { all: 6, strangers: 4, strangersOfAddress: 4 } })
  const { machine, line } = await knownLine(t, pairing)
  const strangers: Line[] = []
  while (strangers.length < 10) {
    const stranger = new Line(t, pairing, { localAddress: elsewhere })
    t.equal(await stranger.ask(), 401)
    strangers.push(stranger)
  }
  await Promise.all(strangers.slice(0, 6).map(({ closed }) => closed))
  t.same(
    strangers.map(({ open }) => open),
    [...Array(6).fill(false), ...Array(4).fill(true)],
    'the oldest made room'
  )
  t.equal(await line.ask(), 200, 'who is known stays')
  t.equal(pairing.log.match(/connections of strangers were closed/g)?.length, 1, 'the log has it, once')
  t.equal(await new Line(t, pairing, identityOf(machine)).ask(), 200, 'and comes back')
  await knownLine(t, pairing)
  t.equal(await line.ask(), 200)
})

t.test('if known machines have all places, the next connection is refused and they stay', async (t) => {
  const pairing = await openWith(t, { connections: { all: 2 } })
  const lines = [(await knownLine(t, pairing)).line, (await knownLine(t, pairing)).line]
  t.equal(await new Line(t, pairing).ask(), undefined)
  for (const line of lines) t.equal(await line.ask(), 200)
})

t.test('many connections of one address wait for each other, and others do not wait for them', async (t) => {
  const pairing = await openWith(t, { connections: { strangersOfAddress: 2 } })
  const neighbour = new Line(t, pairing)
  t.equal(await neighbour.ask(), 401)
  const many: Line[] = []
  while (many.length < 5) {
    const one = new Line(t, pairing, { localAddress: elsewhere })
    t.equal(await one.ask(), 401)
    many.push(one)
  }
  await Promise.all(many.slice(0, 3).map(({ closed }) => closed))
  t.same(
    many.map(({ open }) => open),
    [false, false, false, true, true]
  )
  t.ok(neighbour.open)
})

t.test('the fifth connection of a key ends its first one', async (t) => {
  const pairing = await openPairing(t)
  const { machine, line } = await knownLine(t, pairing)
  const more: Line[] = []
  while (more.length < 4) {
    const one = new Line(t, pairing, identityOf(machine))
    t.equal(await one.ask(), 200)
    more.push(one)
  }
  await line.closed
  for (const one of more) t.equal(await one.ask(), 200)
})

t.test('a stranger that asks no more, says nothing or only half is cut off', async (t) => {
  const pairing = await openWith(t, { keepAlive: { strangers: 1500 }, handshakes: { silence: 1500, timeout: 1500 } })
  const { machine, line } = await knownLine(t, pairing)
  const stranger = new Line(t, pairing)
  t.equal(await stranger.ask(), 401)
  const silent = connectTcp(Number(new URL(pairing.url).port), '127.0.0.1')
  const half = connectTcp(Number(new URL(pairing.url).port), '127.0.0.1')
  half.write(Buffer.from('1603010040', 'hex'))
  await Promise.all([stranger.closed, once(silent.resume(), 'close'), once(half.resume(), 'close')])
  t.equal(await line.ask(), 200, 'not who is known')
  await pairing.operator.reject(machine.facts.hostname, { reason: 'not ours' })
  await line.closed
  t.pass('nor does a key stay known when its enrolment is over')
})

t.test('an answer says how long a connection stays, longer for a known machine', async (t) => {
  const pairing = await openPairing(t)
  const stays = async (line: Line) => {
    const answer = once(line.socket, 'data')
    await line.ask()
    return /^keep-alive: (.*)\r$/im.exec(String(await answer))?.[1]
  }
  t.equal(await stays(new Line(t, pairing)), 'timeout=5')
  const { line } = await knownLine(t, pairing)
  t.equal(await stays(line), 'timeout=72')
})

t.test('a chain of certificates that is too long is cut before TLS reads it', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { cert, key } = identityOf(machine)
  const length = 18_000
  const one = Buffer.byteLength(cert) * 0.73
  const line = new Line(t, pairing, { key, cert: `${cert.trim()}\n`.repeat(Math.ceil(length / one)) })
  t.equal(await line.ask(), undefined)
  t.equal(await new Line(t, pairing, { key, cert }).ask(), 404, 'its own certificate alone is fine')
})

t.test('a first message that is too long is cut', async (t) => {
  const pairing = await openPairing(t)
  const socket = connectTcp(Number(new URL(pairing.url).port), '127.0.0.1')
  socket.on('error', () => {}).resume()
  // a record of the handshake of which there is more to come
  socket.write(Buffer.concat([Buffer.from('160301400001003ffc0303', 'hex'), Buffer.alloc(8_000)]))
  await once(socket, 'close')
  t.ok(socket.bytesRead < 100)
})

t.test('a request that comes in one piece with the end of the handshake is whole', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const line = new Line(t, pairing, identityOf(machine))
  const { code } = await pairing.code()
  const checks = Array.from({ length: 60 }, (_, at) => ({ name: `a-${at}`, verdict: 'pass', finding: 'x'.repeat(200) }))
  const body = { code, name: machine.facts.hostname, facts: machine.facts, preflight: checks }
  // what is written before the end of the handshake leaves with it
  t.equal(await line.ask('POST', agentRoutes.enrol.path, JSON.stringify(body)), 201)
  t.match(await pairing.operator.show(machine.facts.hostname), { address: '127.0.0.1' })
})

t.test('many handshakes of one address do not keep another address waiting', async (t) => {
  const pairing = await openWith(t, { handshakes: { stepsInTurn: 1 } })
  const port = Number(new URL(pairing.url).port)
  const connected = async (localAddress: string) => {
    const socket = connectTcp({ host: '127.0.0.1', port, localAddress })
    await once(socket, 'connect')
    return socket
  }
  const many = 200
  const sockets = await Promise.all(Array.from({ length: many }, () => connected(elsewhere)))
  const own = await connected('127.0.0.1')
  let done = 0
  const shaken = sockets.map(async (socket) => {
    await once(new Line(t, pairing, { socket }).socket, 'secureConnect')
    done += 1
  })
  await once(new Line(t, pairing, { socket: own }).socket, 'secureConnect')
  t.ok(done < many / 2, `${done} of ${many} came before it`)
  await Promise.all(shaken)
})

t.test('a connection to a server that ends is closed', async (t) => {
  const pairing = await openPairing(t)
  const silent = connectTcp(Number(new URL(pairing.url).port), '127.0.0.1')
  await once(silent, 'connect')
  const { line } = await knownLine(t, pairing)
  await Promise.all([once(silent.resume(), 'close'), line.closed, pairing.restart()])
})
