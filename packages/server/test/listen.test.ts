import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { systemClock } from '../src/clock.ts'
import { rehearsalCluster } from '../src/cluster/rehearsal/rehearsal-cluster.ts'
import { loadConfig } from '../src/config.ts'
import { createContainer } from '../src/container.ts'
import { init } from '../src/init/init.ts'
import { Log, makeLog } from '../src/log.ts'
import { systemRandom } from '../src/random.ts'
import { serve } from '../src/serve.ts'

const here = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? [])

t.test('with the configuration that init makes, machines come by IPv4 and by IPv6', async (t) => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [state, configFile] = [join(folder, 'state'), join(folder, 'server.yaml')]
  await init({
    stateDirectory: state,
    configFile,
    addresses: ['2001:db8::1'],
    machineAddresses: [],
    now: new Date(),
    print: () => {}
  })
  const made = await loadConfig(configFile)
  t.equal(made.agents.listen, ':7443')
  const config = {
    ...made,
    agents: { ...made.agents, listen: ':0' },
    operators: { socket: join(folder, 'operator.sock') }
  }
  const container = await createContainer(config, await rehearsalCluster(systemClock, systemRandom))
  container.register(Log, { useValue: makeLog({ write: () => {} }) })
  const running = await serve(container, config)
  t.teardown(() => running.close())
  const ca = await readFile(join(state, 'ca.crt'), 'utf8')
  for (const host of ['127.0.0.1', '::1'].filter((address) => here.includes(address))) {
    const socket = connect({ host, port: running.port, ca, servername: 'joinery-server' })
    await once(socket, 'secureConnect')
    t.ok(socket.authorized, host)
    socket.destroy()
  }
})
