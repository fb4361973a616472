import { type ProblemCode, ProblemError } from '@joinery/protocol'
import { joinery, listenRaw, runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { connect } from '../../src/session/client.ts'

t.test('each problem of the server ends with the exit code of its kind', async (t) => {
  const table: [ProblemCode, number][] = [
    ['invalid-request', 2],
    ['invalid-name', 2],
    ['certificate-required', 4],
    ['not-found', 3],
    ['illegal-event', 6],
    ['name-in-use', 6],
    ['revision-changed', 6],
    ['internal', 1],
    ['cluster-unavailable', 1],
    ['store-full', 1]
  ]
  for (const [code, exitCode] of table) {
    const fail = () => {
      throw new ProblemError(code, { detail: 'the cause', remedy: 'the way out' })
    }
    const run = await joinery(t, { show: fail }, 'show', 'node-1')
    t.equal(run.exitCode, exitCode, code)
    t.equal(run.out, '', code)
    t.equal(run.err, `error: the cause (${code})\nremedy: the way out\n`, code)
  }
})

t.test('a command without a server says where it looked', async (t) => {
  const { exitCode, err } = await runWith(['--socket', '/nowhere/operator.sock', 'list'])
  t.equal(exitCode, 1)
  t.match(err, /^error: no pairing server listens on \/nowhere\/operator.sock\nremedy: /)
})

t.test('a server that does not answer is a timeout', async (t) => {
  const socket = await listenRaw(t, () => {})
  const client = connect(socket, { timeout: 20 })
  t.teardown(client.close)
  await t.rejects(client.list(), { exitCode: 5, message: 'no answer within 0.02 s' })
})

t.test('another program on the socket is not taken for a pairing server', async (t) => {
  const socket = await listenRaw(t, (peer) => peer.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'))
  const { exitCode, err } = await runWith(['--socket', socket, 'list'])
  t.equal(exitCode, 1)
  t.equal(err, 'error: the answer (200) is not one of a pairing server\n')
})

t.test('a connection that breaks is a failure with its cause', async (t) => {
  const socket = await listenRaw(t, (peer) => peer.destroy())
  const { exitCode, err } = await runWith(['--socket', socket, 'list'])
  t.equal(exitCode, 1)
  t.match(err, /^error: the connection broke: .+\nremedy: /)
})

t.test('an empty path is refused, and nothing goes over the network instead', async (t) => {
  const { exitCode, err } = await runWith(['--socket', '', 'list'])
  t.equal(exitCode, 2)
  t.equal(err, 'error: the path of the socket is empty\nremedy: leave --socket away, or give a path\n')
  t.match(await runWith(['__complete', '--socket', '', 'show', '']), { exitCode: 0, out: ':4\n', err: '' })
})

t.test('a wrong command line is a usage error', async (t) => {
  for (const words of [[], ['code'], ['dance'], ['list', '--fast'], ['show'], ['approve'], ['reject', 'node-1']]) {
    const { exitCode, out, err } = await runWith(words)
    t.equal(exitCode, 2, words.join(' '))
    t.equal(out, '', JSON.stringify(words))
    t.not(err, '', JSON.stringify(words))
  }
})
