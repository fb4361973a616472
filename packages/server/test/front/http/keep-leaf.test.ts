import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { initServer } from '@joinery/testing/pairing/init-server'
import { getTasks } from 'node-cron'
import t, { type Test } from 'tap'
import { Clock } from '../../../src/core/base/clock.ts'
import { Log, makeLog } from '../../../src/core/base/log.ts'
import { makeKey } from '../../../src/core/keys/keys.ts'
import { renewLeaf } from '../../../src/core/keys/renew-leaf.ts'
import { createContainer } from '../../../src/program/container.ts'
import { serve } from '../../../src/program/serve.ts'

const day = 24 * 60 * 60_000

/** A server whose leaf was made 65 days ago, with 25 days left: TLS itself goes by the real time. */
const agedServer = async (t: Test) => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const state = join(folder, 'state')
  const today = new Date()
  const clock: Clock = { now: () => today }
  await initServer({
    stateDirectory: state,
    configFile: join(folder, 'server.yaml'),
    now: new Date(today.getTime() - 65 * day),
    print: () => {}
  })
  const lines: string[] = []
  const config = {
    agents: { listen: '127.0.0.1:0', address: 'https://127.0.0.1:7443' },
    operators: { socket: join(folder, 'operator.sock') },
    state,
    credential: 'token' as const
  }
  const start = async () => {
    const container = await createContainer(config, await fakeCluster(clock))
    container.register(Clock, { useValue: clock })
    container.register(Log, { useValue: makeLog({ write: (line) => void lines.push(line) }) })
    return serve(container, config)
  }
  let running = await start()
  t.teardown(() => running.close())

  const ca = await readFile(join(state, 'ca.crt'), 'utf8')
  const open = async (options: ConnectionOptions = {}) => {
    const socket = connect({ host: '127.0.0.1', port: running.port, ca, servername: 'joinery-server', ...options })
    t.teardown(() => socket.destroy())
    await once(socket, 'secureConnect')
    return socket
  }
  return {
    state,
    config,
    lines,
    open,
    /** The leaf that a machine with the pinned CA gets and accepts. */
    leaf: async () => (await open()).getPeerX509Certificate(),
    /** The serial number of the leaf that a machine with the pinned CA gets and accepts. */
    served: async () => (await open()).getPeerX509Certificate()?.serialNumber,
    renew: () => renewLeaf({ state, address: config.agents.address, machine: [], now: today, print: () => {} }),
    hour: () =>
      getTasks()
        .values()
        .find(({ name }) => name === 'keep-leaf')
        ?.execute(),
    restart: async () => {
      await running.close()
      running = await start()
    }
  }
}

t.test('a leaf that root renewed is served within an hour, while old connections go on', async (t) => {
  const { open, served, renew, hour } = await agedServer(t)
  const before = await open()
  const first = await served()
  await hour()
  t.equal(await served(), first, 'the server makes none')
  await renew()
  t.equal(await served(), first)
  await hour()
  const second = await served()
  t.not(second, first)
  await hour()
  t.equal(await served(), second, 'once')
  before.write('GET /nothing HTTP/1.1\r\nHost: joinery-server\r\n\r\n')
  t.match(String(await once(before, 'data')), /^HTTP\/1\.1 404 /)
  await t.rejects(open({ maxVersion: 'TLSv1.2' }), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
})

t.test('half of a pair is not served: the server goes on with what it has, and takes the next whole one', async (t) => {
  const { state, lines, served, renew, hour } = await agedServer(t)
  const first = await served()
  await writeFile(join(state, 'tls.key'), makeKey())
  await hour()
  t.equal(await served(), first)
  t.match(lines.join(''), /could not serve the new certificate to agents/)
  await renew()
  await hour()
  t.not(await served(), first)
})

t.test('a server without the key of its CA serves the leaf that it has, also after its time', async (t) => {
  const { state, served, hour, restart } = await agedServer(t)
  const first = await served()
  await rm(join(state, 'ca.key'))
  await hour()
  await restart()
  t.equal(await served(), first)
})

t.test('if the leaf does not name agents.address, the log says that new machines will not get in', async (t) => {
  const { config, lines, leaf, renew, restart } = await agedServer(t)
  config.agents.address = 'https://join.example.org:7443'
  await restart()
  t.notOk((await leaf())?.checkHost('join.example.org'))
  t.match(lines.join(''), 'does not name agents.address: new machines will not fetch the agent from it')
  await renew()
  await restart()
  t.ok((await leaf())?.checkHost('join.example.org'))
  t.ok((await leaf())?.checkIP('127.0.0.1'), 'user-data of before is still good')
})
