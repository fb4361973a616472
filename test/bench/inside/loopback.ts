import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { serverName } from '@joinery/protocol'

/** Begins a TLS connection from one loopback address to the server at 127.0.0.1. */
export const connectFrom = (localAddress: string, port: number, options: ConnectionOptions): TLSSocket => {
  // `localAddress` is handed on to the socket; the types do not know it
  const all = { host: '127.0.0.1', port, localAddress, servername: serverName, ...options }
  return connect(all)
}
