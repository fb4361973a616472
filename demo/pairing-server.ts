import { join } from 'node:path'
import { Log, systemClock } from '@joinery/server/testing/base'
import type { ServerConfig } from '@joinery/server/testing/config'
import { Dialler } from '@joinery/server/testing/dial-back'
import { init } from '@joinery/server/testing/init'
import { createContainer, serve } from '@joinery/server/testing/program'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { goByTls } from '@joinery/testing/cluster/fake/server-side'
import { factsOfRehearsal, fixFacts } from '@joinery/testing/cluster/fix-facts'
import { type Doors, rehearsalDoors } from '@joinery/testing/doors/doors'
import { freePort } from '@joinery/testing/doors/free-port'
import { logTo } from './log.ts'
import { type NetworkPlugin, playNetworkPlugin } from './network-plugin.ts'

export interface PairingServer {
  /** Of its socket for operators. */
  socket: string
  /** The network plugin of the cluster that it lets machines into, and that cluster as their kubelets see it. */
  plugin: NetworkPlugin
  /** By which the machines around it are dialled back. */
  doors: Doors
  close(): Promise<void>
}

/** The real pairing server on loopback, before a rehearsed cluster; all that it keeps is in `folder`. */
export const startPairingServer = async (folder: string): Promise<PairingServer> => {
  goByTls()
  const rehearsed = await fakeCluster(systemClock, { secrets: true, diagnosis: true })
  const cluster = { ...rehearsed, version: async () => `${await rehearsed.version()} (rehearsal)` }
  const plugin = await playNetworkPlugin(cluster)
  // the codes that the server makes name its port, before it listens
  const address = `127.0.0.1:${await freePort()}`
  const config: ServerConfig = {
    agents: { listen: address, address: `https://${address}` },
    operators: { socket: join(folder, 'operator.sock') },
    state: join(folder, 'server'),
    credential: 'token',
    diagnosis: 'on'
  }
  await init({
    stateDirectory: config.state,
    configFile: join(folder, 'server.yaml'),
    addresses: ['127.0.0.1'],
    machineAddresses: [],
    now: new Date(),
    print: () => {}
  })
  await fixFacts(config, await factsOfRehearsal(cluster))
  const container = await createContainer(config, cluster, { views: rehearsed.views })
  container.register(Log, { useValue: logTo(join(folder, 'server.log')) })
  const doors = rehearsalDoors()
  container.register(Dialler, { useValue: doors.dialler })
  const { close } = await serve(container, config)
  return { socket: config.operators.socket, plugin, doors, close }
}
