import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { dialBackAnswer, dialBackLength } from '@joinery/protocol'
import type { Door } from './door.ts'

/** Number of connections at once: the server's one, and a few of anybody else's. */
const connectionsAtOnce = 4
/** Longest life of a connection, in milliseconds. It is longer than the server takes for its whole try. */
const patience = 5_000

/** A door on all addresses of this machine. It reads one line of a fixed length, answers with one, and closes. */
export const tcpDoor: Door = {
  open: async (ports, nonce) => {
    const opened: Server[] = []
    const sockets = new Set<Socket>()
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy()
      await Promise.all(opened.map((server) => new Promise((resolve) => server.close(resolve))))
    }
    try {
      for (const port of ports) opened.push(await listen(port, (socket) => greet(socket, nonce, sockets)))
      return close
    } catch {
      await close()
      return undefined
    }
  }
}

const listen = async (port: number, onConnection: (socket: Socket) => void): Promise<Server> => {
  const server = createServer(onConnection)
  server.maxConnections = connectionsAtOnce
  server.listen(port)
  await once(server, 'listening')
  return server
}

const greet = (socket: Socket, nonce: string, sockets: Set<Socket>): void => {
  let line = ''
  sockets.add(socket)
  socket.setTimeout(patience, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('close', () => sockets.delete(socket))
  socket.on('data', (chunk: Buffer) => {
    line += chunk.subarray(0, dialBackLength + 1 - line.length).toString('latin1')
    if (line.length <= dialBackLength) return
    socket.removeAllListeners('data')
    if (/^[0-9a-f]+\n$/.test(line)) socket.end(`${dialBackAnswer(nonce, line.trimEnd())}\n`)
    else socket.destroy()
  })
}
