import { type Enrolment, ProblemError } from '@joinery/protocol'
import { enrolment, now } from '@joinery/testing/command/fixtures'
import { listenRaw, runWith, serveOperators } from '@joinery/testing/command/operators'
import { watchOn } from '@joinery/testing/command/watching'
import t, { type Test } from 'tap'
import { connect } from '../../src/session/client.ts'
import { isOutage } from '../../src/terminal/errors.ts'

const other: Enrolment = { ...enrolment, id: 'e2', name: 'node-10' }
const ready: Enrolment = { ...enrolment, state: 'ready', message: 'ready', revision: 9 }
const both = [enrolment, other]
const oneReady = [ready, other]

/** What one look finds. */
type Look = Enrolment[] | ProblemError | 'no server'

/** Watches a server that is at each look as `looks` say; Ctrl-C after the last one. */
const watch = async (t: Test, looks: Look[], ...words: string[]) => {
  let look = looks[0]
  const server = await serveOperators(t, {
    list: () => {
      if (look instanceof ProblemError) throw look
      return { items: look }
    }
  })
  if (look === 'no server') await server.stop()
  const passed = async (seconds: number): Promise<boolean> => {
    const before = look
    look = looks[seconds]
    if (look === 'no server' && before !== look) await server.stop()
    if (look !== 'no server' && before === 'no server') await server.start()
    return look === undefined
  }
  return watchOn(server.socket, passed, 'list', ...words)
}

t.test('list --watch prints the table once and then a line for each change, in the same columns', async (t) => {
  const { end, out, err } = await watch(t, [both, both, oneReady, oneReady])
  t.equal(
    out,
    `TIME        NAME      STATE        NODE       ROLE            ADDRESS     PREFLIGHT   AGE      MESSAGE
12:00:00Z   node-1    pending      <none>     worker          10.0.0.11   1 fail      3m20s    waits for approval
12:00:00Z   node-10   pending      <none>     worker          10.0.0.11   1 fail      3m20s    waits for approval
12:00:02Z   node-1    ready        <none>     worker          10.0.0.11   1 fail      3m22s    ready
`
  )
  t.equal(err, '')
  t.equal(end, 'interrupted')
})

t.test('no column of list --watch moves when a longer state, condition, role or age comes', async (t) => {
  const node = { uid: 'u', registered: '2026-11-25T12:00:00Z', condition: 'NotReady' as const, message: '' }
  const longer: Enrolment[] = [
    { ...enrolment, state: 'rejected', role: 'control-plane' },
    { ...enrolment, state: 'ready', created: '2018-11-27T12:00:00Z', node },
    { ...enrolment, expires: '2026-12-03T11:30:00Z' }
  ]
  for (const words of [[], ['-o', 'wide']]) {
    const { out } = await watch(t, [[enrolment], ...longer.map((one) => [one])], ...words)
    const lines = out.split('\n').filter(Boolean)
    t.equal(lines.length, 5, JSON.stringify(words))
    const columns = lines.map((line) => ['10.0.0.11', '1 fail'].map((cell) => line.indexOf(cell)))
    for (const [index, at] of columns.entries()) if (index > 1) t.same(at, columns[1], lines[index] ?? '')
    t.equal(new Set(lines.map((line) => line.search(/MESSAGE|waits for approval/))).size, 1, words.join(' '))
  }
})

t.test('list --watch of an empty list prints headers with the first enrolment', async (t) => {
  const { out } = await watch(t, [[], [], [enrolment]])
  t.match(out, /^TIME .*\n12:00:02Z +node-1 .*\n$/)
  const bare = await watch(t, [[], [enrolment]], '--no-headers')
  t.match(bare.out, /^12:00:01Z +node-1 .*\n$/)
})

t.test('list --watch for programs prints each enrolment that changed', async (t) => {
  const print = async (format: string) => (await watch(t, [both, oneReady], '-o', format)).out
  t.equal(await print('name'), 'enrolment/node-1\nenrolment/node-10\nenrolment/node-1\n')
  const documents = (await print('json')).split('\n')
  t.equal(documents.pop(), '')
  t.same(
    documents.map((line) => JSON.parse(line)),
    [enrolment, other, ready],
    'a document a line'
  )
  t.equal(await print('jsonpath={.name} {.state}{"\\n"}'), 'node-1 pending\nnode-10 pending\nnode-1 ready\n')
  t.equal(
    await print('custom-columns=N:.name,STATE:.state'),
    'N         STATE\nnode-1    pending\nnode-10   pending\nnode-1    ready\n',
    'the headers once'
  )
  t.equal((await print('yaml')).match(/^---$/gm)?.length, 3)
})

t.test('list --watch goes on after a restart of the server, and says once that it is away', async (t) => {
  const looks: Look[] = [both, 'no server', 'no server', both, 'no server', oneReady, oneReady]
  const { end, out, err } = await watch(t, looks, '-o', 'name')
  t.equal(out, 'enrolment/node-1\nenrolment/node-10\nenrolment/node-1\n', 'what has not changed is not printed again')
  t.equal(
    // whether the connection breaks or nobody listens is a matter of microseconds
    err.replaceAll(/: .+/g, ''),
    `The pairing server has not answered since 2026-11-25T12:00:01Z
The pairing server answers again as of 2026-11-25T12:00:03Z
The pairing server has not answered since 2026-11-25T12:00:04Z
The pairing server answers again as of 2026-11-25T12:00:05Z
`
  )
  t.equal(end, 'interrupted')
})

t.test('list --watch goes on after an error of the server', async (t) => {
  const looks: Look[] = [
    [enrolment],
    new ProblemError('store-unavailable', { detail: 'the store\nis locked' }),
    new ProblemError('internal'),
    [ready]
  ]
  const { end, out, err } = await watch(t, looks, '-o', 'name')
  t.equal(out, 'enrolment/node-1\nenrolment/node-1\n')
  t.equal(
    err,
    `The pairing server has not answered since 2026-11-25T12:00:01Z: the store\\u{a}is locked
The pairing server answers again as of 2026-11-25T12:00:03Z
`
  )
  t.equal(end, 'interrupted')
})

t.test('list --watch goes on when the connection breaks, and when the server closes', async (t) => {
  const respond = (status: string, body: object) =>
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(body)}`
  const answers = [
    respond('200 OK', { items: [enrolment] }),
    '',
    // Fastify's answer to a request that comes while it closes
    respond('503 Service Unavailable', {
      error: 'Service Unavailable',
      message: 'Service Unavailable',
      statusCode: 503
    }),
    respond('200 OK', { items: [ready] })
  ]
  const noEvents = respond('404 Not Found', new ProblemError('not-found').body)
  const socket = await listenRaw(t, (peer) =>
    peer.once('data', (sent) => peer.end(String(sent).includes('/v1/events') ? noEvents : (answers.shift() ?? '')))
  )
  const { end, out, err } = await watchOn(socket, async () => answers.length === 0, 'list', '-o', 'name')
  t.equal(out, 'enrolment/node-1\nenrolment/node-1\n')
  t.match(
    err,
    /^The pairing server has not answered since 2026-11-25T12:00:01Z: the connection broke: .+\nThe .+ answers again as of 2026-11-25T12:00:03Z\n$/
  )
  t.equal(end, 'interrupted')
})

t.test('a server that takes too long counts as one that does not answer', async (t) => {
  const client = connect(await listenRaw(t, () => {}), { timeout: 20 })
  t.teardown(client.close)
  t.ok(isOutage(await client.list().catch((error) => error)))
})

t.test('list --watch ends when the server refuses, also after an outage', async (t) => {
  const refusal = new ProblemError('too-many-requests', { detail: 'too often', remedy: 'ask less' })
  const { end, err } = await watch(t, [[enrolment], 'no server', refusal, [ready]])
  t.match(
    err,
    /^The pairing server has not answered since .*\nerror: too often \(too-many-requests\)\nremedy: ask less\n$/
  )
  t.equal(end, 1)
})

t.test('list --watch ends at once if its first look fails', async (t) => {
  const { end, err } = await watch(t, ['no server', [enrolment]])
  t.match(err, /^error: no pairing server listens on .*\nremedy: /)
  t.equal(end, 1)
  const broken = await watch(t, [new ProblemError('internal'), [enrolment]])
  t.match(broken.err, /^error: Something went wrong on the server \(internal\)\n$/)
  t.equal(broken.end, 1)
})

t.test('a list that takes long is asked for more rarely', async (t) => {
  for (const [took, pause] of [
    [0, 1000],
    [50, 1000],
    [2000, 18_000]
  ] as const) {
    let time = now.getTime()
    const { socket } = await serveOperators(t, {
      listCodes: () => {
        time += took
        return { items: [] }
      }
    })
    const { promise, resolve } = Promise.withResolvers<number>()
    const pauses = (milliseconds: number): Promise<void> => {
      resolve(milliseconds)
      return new Promise(() => {})
    }
    void runWith(['--socket', socket, 'code', 'list', '--watch'], { now: () => new Date(time), pause: pauses })
    t.equal(await promise, pause, `${took} ms`)
  }
})
