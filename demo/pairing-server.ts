import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { KubeletSide } from '@joinery/agent/machine/rehearsal/kubeadm/kubelet-side.ts'
import { systemClock } from '@joinery/server/base/clock.ts'
import { Log } from '@joinery/server/base/log.ts'
import { systemRandom } from '@joinery/server/base/random.ts'
import { rehearsalCluster } from '@joinery/server/cluster/rehearsal/rehearsal-cluster.ts'
import type { ServerConfig } from '@joinery/server/config/config.ts'
import { Dialler } from '@joinery/server/dial-back/dialler.ts'
import { init } from '@joinery/server/init/init.ts'
import { createContainer } from '@joinery/server/program/container.ts'
import { serve } from '@joinery/server/program/serve.ts'
import { kubeletSide } from '@joinery/testing/cluster/kubelet-side.ts'
import { type Doors, rehearsalDoors } from '@joinery/testing/doors/doors.ts'
import { logTo } from './log.ts'

export interface PairingServer {
  /** Of its socket for operators. */
  socket: string
  /** The cluster that it lets machines into, as their kubelets see it. */
  cluster: KubeletSide
  /** By which the machines around it are dialled back. */
  doors: Doors
  close(): Promise<void>
}

/** The real pairing server on loopback, before a rehearsed cluster; all that it keeps is in `folder`. */
export const startPairingServer = async (folder: string): Promise<PairingServer> => {
  const rehearsed = await rehearsalCluster(systemClock, systemRandom)
  const cluster = { ...rehearsed, version: async () => `${await rehearsed.version()} (rehearsal)` }
  const address = `127.0.0.1:${await freePort()}`
  const config: ServerConfig = {
    agents: { listen: address, address: `https://${address}` },
    operators: { socket: join(folder, 'operator.sock') },
    state: join(folder, 'server'),
    credential: 'token'
  }
  await init({
    stateDirectory: config.state,
    configFile: join(folder, 'server.yaml'),
    addresses: ['127.0.0.1'],
    machineAddresses: [],
    now: new Date(),
    print: () => {}
  })
  const container = await createContainer(config, cluster)
  container.register(Log, { useValue: logTo(join(folder, 'server.log')) })
  const doors = rehearsalDoors()
  container.register(Dialler, { useValue: doors.dialler })
  const { close } = await serve(container, config)
  return { socket: config.operators.socket, cluster: await kubeletSide(cluster, true), doors, close }
}

/** The codes that the server makes name its port: it is needed before the server listens. */
const freePort = async (): Promise<number> => {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}
