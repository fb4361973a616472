import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** Sends a path as it is written, which no client library does. Returns the status of the answer. */
export const askAsWritten = async (socket: Socket, method: string, path: string): Promise<number> => {
  const headers = 'host: joinery-server\r\ncontent-length: 0\r\nconnection: close'
  socket.write(`${method} ${path} HTTP/1.1\r\n${headers}\r\n\r\n`)
  return Number((await text(socket)).slice(9, 12))
}
