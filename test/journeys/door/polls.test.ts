import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { agentRoutes } from '@joinery/protocol'
import { Waiting } from '@joinery/server/testing/commit'
import { eventually, inTime } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'

const { path } = agentRoutes.wait
const ever = new AbortController().signal
const poll = `GET ${path}?after=1&wait=50 HTTP/1.1\r\nHost: a\r\n\r\n`

/** A connection of the machine that sends bytes as they are; `heard` resolves with all that came until the text is in it. */
const connection = async (t: Test, pairing: Pairing, { identity }: TestMachine) => {
  const socket = connect({
    port: Number(new URL(pairing.url).port),
    host: '127.0.0.1',
    cert: identity.certificate,
    key: identity.key,
    rejectUnauthorized: false
  })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  let came = ''
  socket.on('data', (chunk) => {
    came += chunk
  })
  const heard = async (text: string): Promise<string> => {
    await eventually(text, () => came.includes(text))
    const all = came
    came = ''
    return all
  }
  return { socket, heard }
}

const closed = (socket: TLSSocket): Promise<unknown> => (socket.closed ? Promise.resolve() : once(socket, 'close'))

t.test('a second request before the answer to the first one cuts the connection', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing)
  for (const [what, sent] of [
    ['two at once', [poll.repeat(2)]],
    ['a thousand', [poll.repeat(1000)]],
    ['one after the other', [poll, poll]]
  ] as const) {
    const { socket } = await connection(t, pairing, machine)
    for (const text of sent) {
      await new Promise<void>((resolve, reject) => socket.write(text, (error) => (error ? reject(error) : resolve())))
    }
    await inTime(what, closed(socket))
    t.pass(what)
  }
  t.match(await machine.server.wait(0, 0, ever), { state: 'pending' }, 'the server goes on')
})

t.test('a machine that knows a later revision than the server hears at once', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing)
  const news = await machine.server.wait(1_000, 0, ever)
  t.match(news, { state: 'pending' }, 'the store went back in time, and the machine would hear of no approval')
  await approve(pairing, 'worker-1')
  const later = machine.server.wait(news?.revision ?? 0, 50, ever)
  t.match(await inTime('it hears', later), { state: 'approved' })
})

t.test('a connection may carry one request after the other', async (t) => {
  const pairing = await openPairing(t)
  const { socket, heard } = await connection(t, pairing, await enrolled(pairing))
  for (let time = 0; time < 50; time += 1) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    t.match(await heard('"pending"'), /^HTTP\/1\.1 200 /, `time ${time}`)
  }
})

t.test('a newer poll of a key ends the older one, with a time to come again', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing)
  const [older, newer] = [await connection(t, pairing, machine), await connection(t, pairing, machine)]
  older.socket.write(poll)
  const ended = older.heard('\r\n\r\n')
  // an answer to what was sent later: by then it is read
  await machine.server.wait(0, 0, ever)
  newer.socket.write(poll)
  const answered = newer.heard('"approved"')
  const answer = await ended
  t.match(answer, /^HTTP\/1\.1 204 /)
  t.match(answer, /\r\nretry-after: 5\r\n/i)
  await approve(pairing, 'worker-1')
  t.match(await answered, /^HTTP\/1\.1 200 /, 'the newer one is told what changes')
})

t.test('polls of many connections of one key count as one', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing)
  const ends = []
  for (let time = 0; time < 4; time += 1) {
    const { socket, heard } = await connection(t, pairing, machine)
    socket.write(poll)
    ends.push(heard('\r\n\r\n'))
  }
  const answers: string[] = []
  const gaveUp = (): void => {}
  for (const end of ends) void end.then((answer) => answers.push(answer), gaveUp)
  await Promise.all(ends.slice(0, 3))
  t.equal(answers.length, 3)
  for (const answer of answers) t.match(answer, /^HTTP\/1\.1 204 /, answer.slice(0, 60))
})

t.test('a look does not end a poll', async (t) => {
  const pairing = await openPairing(t)
  const machine = await enrolled(pairing)
  const { socket, heard } = await connection(t, pairing, machine)
  socket.write(poll)
  const answered = heard('\r\n\r\n')
  await machine.server.wait(0, 0, ever)
  await approve(pairing, 'worker-1')
  t.match(await answered, /^HTTP\/1\.1 200 /)
})

t.test('above the bound of polls the answer is to come later, unless there is news', async (t) => {
  const pairing = await openPairing(t, {}, undefined, (container) => {
    container.register(Waiting, { useValue: new Waiting(1) })
  })
  const [one, other] = [await enrolled(pairing, 'worker-1'), await enrolled(pairing, 'worker-2')]
  const waiting = one.server.wait(1, 50, ever)
  // it may be on its way yet
  const refusal = async () => {
    for (;;) {
      const asked = await other.server.wait(1, 1, ever).catch((error: unknown) => error)
      if (asked !== undefined) return asked
    }
  }
  t.match(await refusal(), { code: 'too-many-requests', retryAfter: 30_000 })
  t.match(await other.server.wait(0, 50, ever), { state: 'pending' })
  await approve(pairing, 'worker-1')
  t.match(await waiting, { state: 'approved' })
  t.equal(await other.server.wait(1, 1, ever), undefined, 'and there is room again')
})
