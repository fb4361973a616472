import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { askRuntime, criSocket } from '../../src/cri/cri.ts'
import { withGrpc } from '../../src/cri/grpc.ts'

type Answer = (stream: ServerHttp2Stream) => void
const service = '/runtime.v1.RuntimeService/'

/** A gRPC server on a unix socket of its own, with an answer for each method; the others are unimplemented. */
const runtimeServer = async (t: Test, answers: Record<string, Answer>): Promise<string> => {
  // not in the test's own folder: a socket's path has 108 characters at most
  const folder = await mkdtemp(join(tmpdir(), 'cri-'))
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const answer = answers[String(headers[':path']).replace(service, '')] ?? refuse(12, 'unknown method')
    // a client that hangs up is part of the tests
    stream.on('error', () => {})
    stream.resume()
    stream.on('end', () => answer(stream))
  })
  const socket = join(folder, 's')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  t.teardown(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  return socket
}

const message =
  (hex: string): Answer =>
  (stream) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(bytes.length, 1)
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.concat([prefix, bytes]))
  }

const refuse =
  (status: number, text: string): Answer =>
  (stream) =>
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': text },
      { endStream: true }
    )

/** A string or a message in a field. */
const field = (number: number, content: string | Buffer): string => {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]).toString('hex')
}
const nested = (number: number, hex: string): string => field(number, Buffer.from(hex, 'hex'))

const version = message(field(1, '0.1.0') + field(2, 'containerd') + field(3, '2.4.2'))
const ready = message(nested(1, nested(1, `${field(1, 'RuntimeReady')}1001`) + nested(1, field(1, 'NetworkReady'))))

t.test('name, version and cgroup driver are read, and systemd is the default of the enum', async (t) => {
  const socket = await runtimeServer(t, { Version: version, Status: ready, RuntimeConfig: message(nested(1, '')) })
  t.same(await askRuntime(socket), {
    socket,
    name: 'containerd',
    version: '2.4.2',
    problem: undefined,
    cgroupDriver: 'systemd'
  })
})

t.test('a runtime that uses cgroupfs says so', async (t) => {
  const RuntimeConfig = message(nested(1, '0801'))
  t.equal(
    (await askRuntime(await runtimeServer(t, { Version: version, Status: ready, RuntimeConfig }))).cgroupDriver,
    'cgroupfs'
  )
})

t.test('a runtime that does not know RuntimeConfig, or says nothing in it, has no known driver', async (t) => {
  t.equal((await askRuntime(await runtimeServer(t, { Version: version, Status: ready }))).cgroupDriver, undefined)
  const RuntimeConfig = message('')
  t.equal(
    (await askRuntime(await runtimeServer(t, { Version: version, Status: ready, RuntimeConfig }))).cgroupDriver,
    undefined
  )
})

t.test('a runtime that cannot run containers says why', async (t) => {
  const condition = field(1, 'RuntimeReady') + field(3, 'RuntimeNotReady') + field(4, 'no runc')
  const Status = message(nested(1, nested(1, condition)))
  t.equal((await askRuntime(await runtimeServer(t, { Version: version, Status }))).problem, 'RuntimeNotReady: no runc')
})

t.test('a refusal keeps its status and its text', async (t) => {
  const socket = await runtimeServer(t, { Version: refuse(12, 'unknown service runtime.v1.RuntimeService%0A%zz') })
  await t.rejects(askRuntime(socket), {
    name: 'GrpcError',
    status: 12,
    message: 'unknown service runtime.v1.RuntimeService\n%zz'
  })
})

t.test('a socket that is missing and a socket that nobody listens on give different errors', async (t) => {
  await t.rejects(askRuntime('/nonexistent/containerd.sock'), { code: 'ENOENT' })
  const folder = await mkdtemp(join(tmpdir(), 'cri-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 's'), '')
  await t.rejects(askRuntime(join(folder, 's')), { code: 'ECONNREFUSED' })
})

t.test('an answer that does not come ends after the time-out', async (t) => {
  const socket = await runtimeServer(t, { Version: () => {} })
  await t.rejects(
    withGrpc(socket, 50, (call) => call(`${service}Version`)),
    { message: 'no answer within 0.05 s' }
  )
})

t.test('a server that hangs up without an answer is an error', async (t) => {
  const socket = await runtimeServer(t, { Version: (stream) => stream.session?.destroy() })
  await t.rejects(askRuntime(socket), { message: 'the connection was closed before the answer' })
})

t.test('an answer without end is not read to its end', async (t) => {
  const socket = await runtimeServer(t, {
    Version: (stream) => {
      stream.respond({ ':status': 200 })
      stream.end(Buffer.alloc(4 * 1024 * 1024))
    }
  })
  await t.rejects(askRuntime(socket), { message: 'the answer is too long' })
})

t.test('the socket that is there is taken, containerd’s last, and containerd’s if there is none', async (t) => {
  const there = (...sockets: string[]) => criSocket({ exists: async (path) => sockets.includes(path) })
  t.equal(await there(), '/run/containerd/containerd.sock')
  t.equal(await there('/run/containerd/containerd.sock'), '/run/containerd/containerd.sock')
  t.equal(await there('/run/containerd/containerd.sock', '/run/cri-dockerd.sock'), '/run/cri-dockerd.sock')
  t.equal(await there('/run/crio/crio.sock'), '/run/crio/crio.sock')
})
