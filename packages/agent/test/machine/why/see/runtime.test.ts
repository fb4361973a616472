import { CommandError, type Exec } from '@joinery/host/exec'
import t from 'tap'
import { type Call, GrpcError } from '../../../../src/cri/grpc.ts'
import { encode } from '../../../../src/cri/protobuf.ts'
import { seeContainers } from '../../../../src/machine/why/see/containers.ts'
import { networkProblem, seeRuntime, unitOfSocket } from '../../../../src/machine/why/see/runtime.ts'
import { within } from '../../../../src/machine/why/see/within.ts'

const now = 1_764_239_000_000

/** A number in a field. */
const number = (field: number, value: number): Uint8Array => {
  const bytes: number[] = [field * 8]
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 127 ? (rest % 128) + 128 : rest)
    if (rest <= 127) return Buffer.from(bytes)
  }
}

interface Container {
  id: string
  name: string
  namespace?: string
  pod?: string
  attempt?: number
  /** 1: running, 2: exited. */
  state?: number
  exitCode?: number
  /** Seconds since it ended. */
  ended?: number
  log?: string[]
  message?: string
}

const listed = ({ id, name, namespace = 'kube-system', pod = `${name}-4xkzr`, attempt = 0, state = 2 }: Container) =>
  encode(
    1,
    Buffer.concat([
      encode(1, id),
      encode(3, Buffer.concat([encode(1, name), number(2, attempt)])),
      encode(4, encode(1, 'sha256:0f3f')),
      number(6, state),
      encode(8, Buffer.concat([encode(1, 'io.kubernetes.pod.name'), encode(2, pod)])),
      encode(8, Buffer.concat([encode(1, 'io.kubernetes.pod.namespace'), encode(2, namespace)]))
    ])
  )

const statusOf = ({ id, exitCode = 0, ended = 10, message = '' }: Container) =>
  encode(
    1,
    Buffer.concat([
      number(6, (now - ended * 1000) * 1e6),
      number(7, exitCode),
      encode(10, exitCode === 0 ? 'Completed' : 'Error'),
      ...(message === '' ? [] : [encode(11, message)]),
      encode(15, `/var/log/pods/${id}/0.log`)
    ])
  )

const runtimeOf = (containers: Container[], asked: string[] = []) => {
  const call: Call = async (method, body = new Uint8Array()) => {
    asked.push(method.replace('/runtime.v1.RuntimeService/', ''))
    if (method.endsWith('ListContainers')) return Buffer.concat(containers.map(listed))
    const id = Buffer.from(body.subarray(2)).toString()
    return statusOf(containers.find((one) => one.id === id) ?? { id, name: '' })
  }
  const exec: Exec = async (argv) => {
    asked.push(argv.join(' '))
    const log = containers.find(({ id }) => argv.at(-1) === `/var/log/pods/${id}/0.log`)?.log
    if (log === undefined) throw new CommandError(argv, 1, 'no such file')
    return log.map((line) => `2026-11-27T10:00:00.123456789Z stderr F ${line}\n`).join('')
  }
  return { asked, see: () => seeContainers(call, exec, now) }
}

t.test('a container that ended with an error is seen, with the last lines of its log', async (t) => {
  const log = Array.from({ length: 9 }, (_, n) => `line ${n}`)
  const { see, asked } = runtimeOf([
    { id: 'a', name: 'kube-proxy', exitCode: 2, attempt: 3, log },
    { id: 'b', name: 'coredns', state: 1 }
  ])
  t.same(await see(), [
    {
      namespace: 'kube-system',
      pod: 'kube-proxy-4xkzr',
      name: 'kube-proxy',
      image: 'sha256:0f3f',
      exitCode: 2,
      reason: 'Error',
      lines: ['line 4', 'line 5', 'line 6', 'line 7', 'line 8']
    }
  ])
  t.same(asked, ['ListContainers', 'ContainerStatus', 'tail --bytes=16384 /var/log/pods/a/0.log'])
})

t.test(
  'C16: a secret of several lines leaves no line of a log, nor does a line that was read from its middle on',
  async (t) => {
    const seenOf = async (log: string[]) =>
      (await runtimeOf([{ id: 'a', name: 'kube-proxy', exitCode: 2, log }]).see())[0]
    const key = ['-----BEGIN EC PRIVATE KEY-----', ...Array.from({ length: 9 }, (_, n) => `MHcCAQEE${n}`)]
    t.match(await seenOf(['starting', ...key, '-----END EC PRIVATE KEY-----', 'no']), {
      lines: ['starting', '<secret>', 'no']
    })
    t.match(await seenOf(['starting', ...key]), { lines: ['starting', '<secret>'] }, 'also one without its end')
    const cut = await seenOf([`password="${'hunter '.repeat(2400)}`, 'hunter"', 'it ends'])
    t.same(cut?.lines, ['it ends'])
  }
)

t.test('C16: a line that the runtime cut into parts is one line', async (t) => {
  const call: Call = async (method) =>
    method.endsWith('ListContainers')
      ? listed({ id: 'a', name: 'kube-proxy' })
      : statusOf({ id: 'a', name: '', exitCode: 1 })
  const part = (mark: string, text: string) => `2026-11-27T10:00:00.123456789Z stdout ${mark} ${text}\n`
  const exec: Exec = async () => part('P', 'a token=hun') + part('F', 'terhunter is refused') + part('F', 'it ends')
  t.match(await seeContainers(call, exec, now), [{ lines: ['a token=<secret> is refused', 'it ends'] }])
})

t.test('C16: the log of a workload is not read, whatever it is called', async (t) => {
  const { see, asked } = runtimeOf(
    [
      { namespace: 'weaver-prod', name: 'web' },
      { namespace: 'shop', name: 'calico', pod: 'calico-node-x7k2p' },
      { namespace: 'shop', name: 'kube-proxy', pod: 'kube-proxy-7xk2p' },
      { namespace: 'shop', name: 'kube-proxy-log-shipper' },
      { namespace: 'romana-payments', name: 'web' },
      { namespace: 'calico-system', name: 'web' },
      { namespace: '', name: 'cilium', pod: 'cilium-x7k2p' }
    ].map((one, index) => ({ ...one, id: `c${index}`, exitCode: 1, log: ['PGPASSWORD=hunter2'] }))
  )
  t.same(await see(), [])
  t.same(asked, ['ListContainers'])
})

t.test('a container that did its work, or is none of the system, is not seen', async (t) => {
  const { see, asked } = runtimeOf([
    { id: 'a', name: 'install-cni', exitCode: 0 },
    { id: 'b', name: 'web', namespace: 'shop', exitCode: 1 }
  ])
  t.same(await see(), [])
  t.same(asked, ['ListContainers', 'ContainerStatus'], 'the workload is not even asked for')
})

t.test('a container that was started again counts while its end is news', async (t) => {
  const place = (ended: number) => [
    { id: 'old', name: 'kube-proxy', attempt: 3, exitCode: 1, ended },
    { id: 'new', name: 'kube-proxy', attempt: 4, state: 1 }
  ]
  t.match(await runtimeOf(place(20)).see(), [{ exitCode: 1 }])
  t.same(await runtimeOf(place(600)).see(), [])
  t.same(
    await runtimeOf([{ id: 'older', name: 'kube-proxy', attempt: 2, exitCode: 1 }, ...place(600)]).see(),
    [],
    'and an earlier one never'
  )
  t.match(
    await runtimeOf([{ id: 'last', name: 'kube-proxy', attempt: 5, exitCode: 1, ended: 6000 }]).see(),
    [{ exitCode: 1 }],
    'one that nothing replaced counts however old it is'
  )
})

t.test('without a log the message of the runtime is shown, and at most three containers are', async (t) => {
  const containers = Array.from({ length: 20 }, (_, n) => ({
    id: `c${n}`,
    name: `one-${n}`,
    exitCode: 1,
    message: 'exec: "x": not found'
  }))
  const { see, asked } = runtimeOf(containers)
  const seen = await see()
  t.equal(seen.length, 3)
  t.match(seen[0], { lines: ['exec: "x": not found'] })
  t.ok(asked.length < 10)
  const well = runtimeOf(containers.map((one) => ({ ...one, exitCode: 0 })))
  t.same(await well.see(), [])
  t.equal(well.asked.filter((call) => call === 'ContainerStatus').length, 12, 'nor are all of them asked for')
})

t.test('the network of the runtime is ready, or not with a reason', async (t) => {
  const condition = (type: string, status: number, reason = '', message = '') =>
    encode(1, Buffer.concat([encode(1, type), number(2, status), encode(3, reason), encode(4, message)]))
  const answer =
    (...conditions: Uint8Array[]) =>
    async () =>
      encode(1, Buffer.concat(conditions))
  t.equal(await networkProblem(answer(condition('RuntimeReady', 1), condition('NetworkReady', 1))), undefined)
  t.equal(
    await networkProblem(answer(condition('NetworkReady', 0, 'NetworkPluginNotReady', 'cni plugin not initialized'))),
    'NetworkPluginNotReady: cni plugin not initialized'
  )
})

t.test('a runtime answers, or says by its error how it does not', async (t) => {
  const error = (code: string) => Object.assign(new Error(`connect ${code}`), { code })
  const runtime = { socket: 's', name: 'containerd', version: '2.4.2', problem: undefined, cgroupDriver: undefined }
  const rows: [answer: string, ask: () => Promise<never>][] = [
    ['missing', () => Promise.reject(error('ENOENT'))],
    ['silent', () => Promise.reject(error('ECONNREFUSED'))],
    ['late', () => Promise.reject(new Error('no answer within 20 s'))],
    ['late', () => Promise.reject(new GrpcError(14, 'unavailable'))],
    ['without-cri', () => Promise.reject(new GrpcError(12, 'unknown service'))]
  ]
  for (const [answer, ask] of rows) t.match(await seeRuntime('s', ask), { answer, socket: 's' })
  t.same(await seeRuntime('s', async () => runtime), { socket: 's', answer: 'ready', problem: '' })
  t.match(await seeRuntime('s', async () => ({ ...runtime, problem: 'it starts' })), {
    answer: 'not-ready',
    problem: 'it starts'
  })
})

t.test('each socket has its unit', async (t) => {
  t.equal(unitOfSocket('/run/containerd/containerd.sock'), 'containerd.service')
  t.equal(unitOfSocket('/run/crio/crio.sock'), 'crio.service')
  t.equal(unitOfSocket('/run/cri-dockerd.sock'), 'cri-docker.service')
})

t.test('a look has a limit of time', async (t) => {
  await t.rejects(within(1, new Promise(() => {})), /no answer within 0\.001 s/)
  t.equal(await within(1000, Promise.resolve(7)), 7)
})
