import { readFile, writeFile } from 'node:fs/promises'
import { connectionRefused, type FakeKubernetes, Faults, InProcess } from '@joinery/fake-kubernetes'
import type { Sending } from '@joinery/kube'
import { quickPause } from '../../clocks/quick-pause.ts'
import type { Outage } from '../world/cluster-by-api.ts'

/** The way of the pairing server to its API server, with what happens to the server alone on it. */
export interface ServerSide {
  faults: Faults
  outage: Outage
  /** File of the server's kubeconfig. */
  file: string
  sending: Pick<Sending, 'carrier' | 'pause'>
}

let isByTls = false

/** Makes the pairing servers of this process reach their clusters over TLS from now on, as real ones do. Until then it is in process. */
export const goByTls = (): void => {
  isByTls = true
}

/** Opens the way of the pairing server to the fake cluster. `setUpFile`: file of its kubeconfig after setup. */
export const serverSide = (fake: FakeKubernetes, setUpFile: string): Promise<ServerSide> =>
  isByTls ? overTls(fake, setUpFile) : inProcess(fake, setUpFile)

const inProcess = async (fake: FakeKubernetes, file: string): Promise<ServerSide> => {
  const faults = new Faults()
  let isDown: (() => void) | undefined
  const outage: Outage = {
    goDown: async () => {
      isDown ??= faults.meet(() => Promise.reject(connectionRefused()))
      fake.api.watches.end(connectionRefused())
    },
    comeBack: async () => {
      isDown?.()
      isDown = undefined
    }
  }
  const carrier: Sending['carrier'] = ({ cert }) =>
    new InProcess((message) => faults.pass(message, () => fake.api.handle(message)), cert?.toString())
  return { faults, outage, file, sending: { carrier, pause: quickPause } }
}

const overTls = async (fake: FakeKubernetes, setUpFile: string): Promise<ServerSide> => {
  const faults = new Faults()
  const listenAt = (port?: number) => fake.listen((message, carryOut) => faults.pass(message, carryOut), port)
  let listening = await listenAt()
  const { port } = new URL(listening.url)
  const outage: Outage = {
    goDown: () => listening.close(),
    comeBack: async () => {
      await listening.close()
      listening = await listenAt(Number(port))
    }
  }
  const file = `${setUpFile}-${port}`
  await writeFile(file, (await readFile(setUpFile, 'utf8')).replace(fake.url, listening.url), { mode: 0o600 })
  return { faults, outage, file, sending: { pause: quickPause } }
}
