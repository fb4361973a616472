import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createConnections, type Socket } from 'node:net'
import { inTime } from '@joinery/testing/clocks/eventually'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import t, { type Test } from 'tap'
import { BoundedConfig } from '../src/bounded-config.ts'
import { explain, statusOf } from '../src/errors.ts'

/** A server that answers each path in its way, and counts what it was asked. */
const badDays = async (t: Test): Promise<{ url: string; asked: string[]; server: Server }> => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const name = url.split('?')[0]?.split('/').at(-1) ?? ''
    asked.push(`${method} ${name} ${headers.authorization ?? 'nobody'}`)
    const body = JSON.stringify({ kind: 'ConfigMap', metadata: { name: `${name} é` } })
    const json = { 'content-type': 'application/json' }
    if (name === 'good') response.writeHead(200, { ...json, 'set-cookie': ['a=1', 'b=2'] }).end(body)
    else if (name === 'busy') response.writeHead(429, { ...json, 'retry-after': '7' }).end('{"message":"later"}')
    else if (name === 'stranger') response.writeHead(401, json).end('{"message":"Unauthorized"}')
    else if (name === 'elsewhere') response.writeHead(302, { location: `/api/v1/namespaces/n/configmaps/good` }).end()
    else if (name === 'cut')
      response.writeHead(200, { ...json, 'content-length': '999' }).write(body, () => request.destroy())
    else if (name === 'closed') request.destroy()
    // and `silent` gets no answer
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  t.teardown(() => server.closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server }
}

const configFor = <T extends KubeConfig>(config: T, server: string): T => {
  config.loadFromOptions({
    // client-node sends no credential over plain HTTP otherwise
    clusters: [{ name: 'c', server, skipTLSVerify: true }],
    users: [{ name: 'u', token: 'secret' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x'
  })
  return config
}

/** What the caller of a typed client gets from each way of the server. */
const outcomes = async (config: KubeConfig, server: string, names: readonly string[]): Promise<unknown[]> => {
  const core = config.makeApiClient(CoreV1Api)
  const outcome = (name: string): Promise<unknown> =>
    explain(server, () => core.readNamespacedConfigMap({ namespace: 'n', name })).then(
      ({ metadata }) => metadata?.name,
      ({ name, message, body, cause }) => ({ name, message, retryAfter: body?.retryAfter, status: statusOf(cause) })
    )
  const seen: unknown[] = []
  for (const name of names) seen.push(await outcome(name))
  return seen
}

/** Milliseconds for calls that have an answer, on a busy host as well; and for one that has none. */
const [patient, hasty] = [60_000, 300]

t.test('answers and errors are those of the library that client-node has', async (t) => {
  const { url } = await badDays(t)
  const names = ['good', 'busy', 'cut', 'closed', 'stranger']
  const seen = async (config: (longest: number) => KubeConfig) => [
    ...(await outcomes(configFor(config(patient), url), url, names)),
    ...(await outcomes(configFor(config(hasty), url), url, ['silent']))
  ]
  const own = await seen((longest) => new BoundedConfig({ timeout: longest }))
  class Bounded extends KubeConfig {
    readonly #longest: number

    constructor(longest: number) {
      super()
      this.#longest = longest
    }

    override async applySecurityAuthentication(...[request]: Parameters<KubeConfig['applySecurityAuthentication']>) {
      await super.applySecurityAuthentication(request)
      request.setSignal(AbortSignal.timeout(this.#longest))
    }
  }
  const theirs = await seen((longest) => new Bounded(longest))
  for (const [index, name] of [...names, 'silent'].entries()) t.same(own[index], theirs[index], name)
  t.equal(own[0], 'good é')
  t.match(own.slice(1), [
    { message: /cannot serve now \(429\): later/, status: 429 },
    { message: /it closed the connection/ },
    { message: /it closed the connection/ },
    { message: /does not accept the credential \(401\)/, status: 401 },
    { message: /no answer within 10 s/ }
  ])
})

t.test('a server that nobody listens on is refused in the same words', async (t) => {
  const { url, server } = await badDays(t)
  await new Promise((resolve) => server.close(resolve))
  t.match(await outcomes(configFor(new BoundedConfig(), url), url, ['good']), [{ message: /connection refused/ }])
})

t.test(
  'a server that takes connections and says nothing holds nobody up for longer than the call may take',
  async (t) => {
    const stopped = createConnections()
    await new Promise<void>((resolve) => stopped.listen(0, '127.0.0.1', resolve))
    t.teardown(() => stopped.close())
    const sockets: Socket[] = []
    stopped.on('connection', (socket) => sockets.push(socket))
    t.teardown(() => sockets.forEach((socket) => void socket.destroy()))
    const url = `https://127.0.0.1:${(stopped.address() as AddressInfo).port}`
    const core = configFor(new BoundedConfig({ timeout: 200 }), url).makeApiClient(CoreV1Api)
    const call = core.readNamespacedConfigMap({ namespace: 'n', name: 'x' })
    // a call may take ten seconds otherwise
    await t.rejects(inTime('the call ends', call, { patience: 5_000 }), { name: 'TimeoutError' })
  }
)

t.test('a redirection takes the credential nowhere', async (t) => {
  const { url, asked } = await badDays(t)
  t.match(await outcomes(configFor(new BoundedConfig(), url), url, ['elsewhere']), [{ status: 302 }])
  t.same(asked, ['GET elsewhere Bearer secret'])
})

t.test('an answer whose body client-node does not read holds no connection', async (t) => {
  const { url, server } = await badDays(t)
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const seen = await outcomes(configFor(new BoundedConfig(), url), url, Array(9).fill('stranger'))
  t.match(seen, Array(9).fill({ status: 401 }))
  t.ok(connections <= 2, `${connections} connections for 9 answers`)
})

t.test('all requests go over one pool, and each has its credential', async (t) => {
  const { url, asked, server } = await badDays(t)
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const config = configFor(new BoundedConfig(), url)
  t.same(await outcomes(config, url, Array(9).fill('good')), Array(9).fill('good é'))
  // a request that comes before the end of an answer was seen opens the second one
  t.ok(connections <= 2, `${connections} connections for 9 requests`)
  t.same(asked, Array(9).fill('GET good Bearer secret'))
})
