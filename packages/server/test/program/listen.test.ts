import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect as connectPlain, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { connect as operators } from '@joinery/cli/testing/session'
import { operatorRoutes } from '@joinery/protocol'
import { inTime } from '@joinery/testing/clocks/eventually'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { initServer } from '@joinery/testing/pairing/init-server'
import t, { type Test } from 'tap'
import { systemClock } from '../../src/core/base/clock.ts'
import { Log, makeLog } from '../../src/core/base/log.ts'
import { loadConfig, type ServerConfig } from '../../src/core/config/config.ts'
import { createContainer } from '../../src/program/container.ts'
import { serve } from '../../src/program/serve.ts'

const here = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? [])

const openServer = async (t: Test) => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [state, configFile] = [join(folder, 'state'), join(folder, 'server.yaml')]
  await initServer({
    stateDirectory: state,
    configFile,
    addresses: ['2001:db8::1'],
    print: () => {}
  })
  const config: ServerConfig = {
    ...(await loadConfig(configFile)),
    operators: { socket: join(folder, 'operator.sock') }
  }
  return {
    config,
    ca: await readFile(join(state, 'ca.crt'), 'utf8'),
    serveOn: async (listen: string) => {
      const container = await createContainer(config, await fakeCluster(systemClock))
      container.register(Log, { useValue: makeLog({ write: () => {} }) })
      return serve(container, { ...config, agents: { ...config.agents, listen } })
    }
  }
}

t.test('with the configuration of init, machines connect by IPv4 and by IPv6', async (t) => {
  const { config, ca, serveOn } = await openServer(t)
  t.equal(config.agents.listen, ':7443')
  const running = await serveOn(':0')
  t.teardown(() => running.close())
  for (const host of ['127.0.0.1', '::1'].filter((address) => here.includes(address))) {
    const socket = connect({ host, port: running.port, ca, servername: 'joinery-server' })
    await once(socket, 'secureConnect')
    t.ok(socket.authorized, host)
    socket.destroy()
  }
})

t.test('a server whose port is taken does not go on with only the operators', async (t) => {
  const { config, serveOn } = await openServer(t)
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await t.rejects(serveOn(`127.0.0.1:${port}`), {
    message: new RegExp(`^agents.listen: port ${port} is taken`),
    remedy: /^see which program has it: ss /
  })
  t.notOk(existsSync(config.operators.socket))
})

t.test('a second server by mistake leaves the socket of the first one alone', async (t) => {
  const { config, serveOn } = await openServer(t)
  const first = await serveOn('127.0.0.1:0')
  t.teardown(() => first.close())
  await t.rejects(serveOn(`127.0.0.1:${first.port}`), {
    message: new RegExp(`^agents.listen: port ${first.port} is taken`),
    remedy: /^see which program has it: ss /
  })
  const operator = operators(config.operators.socket)
  t.teardown(() => operator.close())
  t.match(await operator.list(), { items: { length: 0 } })
})

t.test('a request that was begun when the server is told to end gets its answer', async (t) => {
  const { config, serveOn } = await openServer(t)
  const running = await serveOn('127.0.0.1:0')
  const socket = connectPlain(config.operators.socket)
  socket.write(`GET ${operatorRoutes.list.path} HTTP/1.1\r\nHost: a\r\n`)
  const other = operators(config.operators.socket)
  await other.list()
  await other.close()
  const closed = running.close()
  socket.end('\r\n')
  t.match(await text(socket), /^HTTP\/1.1 200 [\s\S]*"items":\[\]/)
  await closed
})

t.test('a connection on which nothing is asked does not keep a server from ending', async (t) => {
  const { config, serveOn } = await openServer(t)
  const running = await serveOn('127.0.0.1:0')
  const socket = connectPlain(config.operators.socket)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  const closed = once(socket.resume(), 'close')
  await t.resolves(inTime('the server ends', running.close()))
  await closed
})

t.test('a server that cannot serve its metrics does not go on without them', async (t) => {
  const { config, serveOn } = await openServer(t)
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const folder = dirname(config.operators.socket)
  const tokenFile = join(folder, 'token')
  config.metrics = { listen: `127.0.0.1:${port}`, tokenFile }
  await t.rejects(serveOn('127.0.0.1:0'), { message: `metrics.tokenFile: ${tokenFile} is not there` })
  await writeFile(tokenFile, 'a'.repeat(64))
  await t.rejects(serveOn('127.0.0.1:0'), { message: new RegExp(`^metrics.listen: port ${port} is taken`) })
  config.metrics = { listen: '127.0.0.1:0', tokenFile, clientCa: join(folder, 'none.crt') }
  await t.rejects(serveOn('127.0.0.1:0'), { message: `metrics.clientCa: ${join(folder, 'none.crt')} is not there` })
  t.notOk(existsSync(config.operators.socket))
  config.metrics = { listen: '127.0.0.1:0', tokenFile }
  const running = await serveOn('127.0.0.1:0')
  t.type(running.metricsPort, 'number')
  await running.close()
})

t.test('a server that cannot listen says by which key, why, and what to do', async (t) => {
  const { config, serveOn } = await openServer(t)
  await t.rejects(serveOn('192.0.2.77:7443'), {
    message: 'agents.listen: this host has no address of 192.0.2.77:7443',
    remedy: /^see its addresses: ip address/
  })
  const folder = join(dirname(config.operators.socket), 'run')
  config.operators.socket = join(folder, 'operator.sock')
  await t.rejects(serveOn('127.0.0.1:0'), {
    message: `operators.socket: the folder ${folder} is not there`,
    remedy: /^systemctl start joinery-server, .* mkdir --mode=0700 /
  })
  config.operators.socket = join(tmpdir(), 'x'.repeat(120))
  await t.rejects(serveOn('127.0.0.1:0'), { message: /^operators.socket: the path .* is too long for a socket/ })
})
