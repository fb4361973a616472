import { connect, createServer } from 'node:net'
import { serverAddress } from '../bed/network.ts'

/**
 * Run inside the bed: `node api-relay.ts SOCKET [FROM]`. It hands on to the API server, byte for byte, what comes to the socket. So a
 * process outside of the bed's network needs no program inside for each of its calls. `FROM`: the address that they come from.
 */
const [socket = '', from] = process.argv.slice(2)
const way = { host: serverAddress, port: 6443, ...(from !== undefined && { localAddress: from }) }

createServer((near) => {
  const far = connect(way)
  for (const [one, other] of [
    [near, far],
    [far, near]
  ] as const) {
    one.pipe(other)
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}).listen(socket)
