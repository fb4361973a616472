import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Outage } from '@joinery/testing/cluster/world/cluster-by-api'

/**
 * A way to the API server that can be cut: a relay beside it, on the same address, because its certificate names that
 * address and no other. `server` is the relay's URL.
 */
export const apiOutage = async (apiServer: string): Promise<Outage & { server: string }> => {
  const { hostname, port } = new URL(apiServer)
  const sockets = new Set<Socket>()
  const relay = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const listen = async (at: number): Promise<void> => {
    await once(relay.listen(at, hostname), 'listening')
  }
  await listen(0)
  const { port: relayed } = relay.address() as AddressInfo
  return {
    server: `https://${hostname}:${relayed}`,
    goDown: async () => {
      if (!relay.listening) return
      const closed = once(relay, 'close')
      relay.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    comeBack: async () => {
      if (!relay.listening) await listen(relayed)
    }
  }
}
