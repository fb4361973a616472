import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../../terminal/errors.ts'

/** Connections at a time, on each address. */
const connectionsAtMost = 64

/** Bounds of a request: bytes of its headers, and milliseconds for headers and for all of it. */
const bounds = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000
}

/** Number of free ports that are tried if another program has the port on one of the addresses. */
const tries = 5

export interface Listening {
  port: number
  close(): void
}

/** Milliseconds that differ from the usual bounds, for tests. */
export type Bounds = Partial<typeof bounds>

/**
 * Listens on both loopback addresses, at one port. A browser may choose either for a name below `localhost`: on the other address
 * somebody else could wait for what is meant for us. A host without IPv6 has only one.
 */
export const listenOnLoopback = async (
  handler: (port: number) => RequestListener,
  port: number,
  differs: Bounds = {}
): Promise<Listening> => {
  for (let left = port === 0 ? tries : 1; ; left -= 1) {
    const first = await listen(handler, port, '127.0.0.1', differs)
    const free = portOf(first)
    try {
      const second = await listen(handler, free, '::1', differs).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') return undefined
        throw error
      })
      const both = second === undefined ? [first] : [first, second]
      return { port: free, close: () => both.forEach(end) }
    } catch (error) {
      end(first)
      if (left === 1) throw inUse(error, free)
    }
  }
}

const listen = async (
  handler: (port: number) => RequestListener,
  port: number,
  host: string,
  differs: Bounds
): Promise<Server> => {
  const server = createServer({ ...bounds, ...differs })
  server.maxConnections = connectionsAtMost
  server.listen({ port, host, exclusive: true })
  await once(server, 'listening').catch((error) => {
    throw host === '127.0.0.1' ? inUse(error, port) : error
  })
  return server.on('request', handler(portOf(server)))
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Ends the server. What was written in this turn still goes out: a page hears why its console ends. */
const end = (server: Server): void => {
  server.close()
  setImmediate(() => server.closeAllConnections())
}

const inUse = (error: unknown, port: number): unknown => {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error
  const cause = code === 'EACCES' ? `you may not listen on port ${port}` : `another program listens on port ${port}`
  return new CommandEnd(exitCodes.failure, cause, 'leave --port away, or give another one')
}
