import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '@joinery/host/exec'
import t, { type Test } from 'tap'
import { withGrpc } from '../../src/cri/grpc.ts'
import { encode } from '../../src/cri/protobuf.ts'
import { controlPlaneImages, imagesAt } from '../../src/machine/images.ts'

const image = `registry.example.org:5000/${'long/'.repeat(40)}etcd:3.6.6-0`

const frame = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** A container runtime on a socket of its own, which takes an image when it is pulled, or refuses to. */
const runtime = async (t: Test, refusal?: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'cri-'))
  const asked: string[] = []
  let there = false
  const server = createServer()
  server.on('stream', async (stream: ServerHttp2Stream, headers) => {
    const method = String(headers[':path']).replace('/runtime.v1.ImageService/', '')
    const body = Buffer.concat(await stream.toArray())
    t.same(body, frame(encode(1, encode(1, image))), 'an ImageSpec with the image')
    asked.push(method)
    const refused = method === 'PullImage' && refusal !== undefined
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () =>
      stream.sendTrailers(refused ? { 'grpc-status': '14', 'grpc-message': refusal } : { 'grpc-status': '0' })
    )
    if (method === 'PullImage' && !refused) there = true
    stream.end(refused ? undefined : frame(there ? encode(1, encode(1, 'sha256:1')) : new Uint8Array()))
  })
  const socket = join(folder, 's')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  t.teardown(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  return { asked, images: imagesAt((...ask) => withGrpc(socket, ...ask)) }
}

t.test('an image is not there until it was pulled', async (t) => {
  const { asked, images } = await runtime(t)
  t.notOk(await images.has(image))
  await images.pull(image)
  t.ok(await images.has(image))
  t.same(asked, ['ImageStatus', 'PullImage', 'ImageStatus'])
})

t.test('the error of a pull has the words of the runtime', async (t) => {
  const { images } = await runtime(t, 'failed to resolve reference%3A no such host')
  await t.rejects(images.pull(image), { message: 'failed to resolve reference: no such host' })
})

t.test('a pull that is given up ends at once, and a later one is another call', async (t) => {
  const { asked, images } = await runtime(t)
  const gone = new AbortController()
  gone.abort()
  await t.rejects(images.pull(image, gone.signal), { name: 'AbortError' })
  t.same(asked, [], 'nothing was asked')
  const giving = new AbortController()
  const pulling = images.pull(image, giving.signal)
  giving.abort()
  await t.rejects(pulling, { message: 'the call was given up' })
  await images.pull(image, new AbortController().signal)
})

const list = 'registry.k8s.io/kube-apiserver:v1.37.2\nregistry.k8s.io/pause:3.10.1\nregistry.k8s.io/etcd:3.6.6-0\n'

t.test('kubeadm says which images a control plane needs', async (t) => {
  const ran: string[] = []
  const exec = async (argv: readonly string[]) => {
    ran.push(argv.join(' '))
    return list
  }
  t.equal((await controlPlaneImages(exec, { version: 'v1.37.2' })).length, 3)
  const mirrored = { version: 'v1.37.2', imageRepository: 'registry.example.org/k8s', etcd: 'external' } as const
  t.notOk(
    (await controlPlaneImages(exec, mirrored)).some((name) => name.includes('etcd')),
    'no member, no etcd'
  )
  t.same(ran, [
    'kubeadm config images list --kubernetes-version v1.37.2',
    'kubeadm config images list --kubernetes-version v1.37.2 --image-repository registry.example.org/k8s'
  ])
  const broken = async (argv: readonly string[]) => {
    throw new CommandError(argv, 1, 'unknown version')
  }
  await t.rejects(controlPlaneImages(broken, { version: 'x' }), /unknown version/)
})
