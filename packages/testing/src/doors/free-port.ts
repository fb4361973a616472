import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Gives a TCP port on which nobody listens. The system gives none below 32768 to a program that asks for any port, so nobody
 * gets this one by chance before the caller listens there (Linux: `net.ipv4.ip_local_port_range`).
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(...ours)
    const server = createServer().listen(port)
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false
    )
    if (!isFree) continue
    await once(server.close(), 'close')
    return port
  }
}

/** Above the ports of well-known services, and below those of Services of the type NodePort. */
const ours = [20_000, 30_000] as const
