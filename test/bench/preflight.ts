import { once } from 'node:events'
import { createServer } from 'node:net'
import { linuxHost } from '@joinery/agent/testing/machine'
import type { PreflightInput } from '@joinery/agent/testing/preflight'
import { checksFor, runChecks } from '@joinery/agent/testing/preflight'
import { filesUnder } from '@joinery/host/files'
import { type Figure, median, round, spread } from './figure.ts'

const runs = 20

/** How long a whole preflight takes on this host, all checks side by side, beside the same checks one after the other. */
export const preflightTime = async (): Promise<Figure[]> => {
  // stands for what the machine has to reach
  const peer = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(peer, 'listening')
  const { port } = peer.address() as { port: number }
  try {
    const input = inputOf(`127.0.0.1:${port}`)
    const together: number[] = []
    const inTurn: number[] = []
    for (let run = 0; run < runs; run += 1) {
      together.push(await timed(() => runChecks(linuxHost(filesUnder('/')), checksFor(input))))
      inTurn.push(
        await timed(async () => {
          for (const check of checksFor(input)) await runChecks(linuxHost(filesUnder('/')), [check])
        })
      )
    }
    return [
      {
        name: 'a full preflight on this host',
        measured: `${spread(together)} of ${runs}, ${checksFor(input).length} checks`
      },
      {
        name: 'the same, one check after another',
        measured: `${round(median(inTurn) / median(together))} x`
      }
    ]
  } finally {
    peer.close()
  }
}

const inputOf = (endpoint: string): PreflightInput => ({
  role: 'worker',
  apiEndpoint: endpoint,
  pairingServer: `https://${endpoint}`,
  nodeName: 'bench',
  ignore: [],
  cluster: {
    version: 'v1.37.2',
    podSubnets: ['10.244.0.0/16'],
    serviceSubnets: ['10.96.0.0/16'],
    controlPlanes: [endpoint],
    time: new Date().toISOString(),
    skew: 0
  },
  reachability: { address: '127.0.0.1', ports: [{ port: 10250, reach: 'open' }] }
})

const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const before = performance.now()
  await act()
  return performance.now() - before
}
