import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import type { Answer, Message } from './message.ts'

export interface Listening {
  /** URL of the API server. */
  url: string
  close(): Promise<void>
}

/** Certificate of the API server with its key, and the CA of client certificates, as PEM. */
export interface ServerTls {
  key: string
  cert: string
  ca: string
}

/** A loopback address of its own: no connection begins here, so a port that was left is free when somebody listens again. */
export const loopback = '127.0.0.2'

/**
 * Serves the API over TLS at a loopback address. A client may prove a certificate, and need not. Who only listens keeps no process
 * alive. `wanted`: the port, if it may not be any.
 */
export const listen = async (
  handle: (message: Message) => Promise<Answer>,
  tls: ServerTls,
  wanted = 0
): Promise<Listening> => {
  const sockets = new Set<Socket>()
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    // a fault breaks the connection
    serve(handle, request, response).catch(() => request.socket.destroy())
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.unref())
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(wanted, loopback).unref()
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `https://${loopback}:${port}`,
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}

const serve = async (
  handle: (message: Message) => Promise<Answer>,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> => {
  const socket = request.socket as TLSSocket
  const raw = socket.authorized ? socket.getPeerX509Certificate()?.toString() : undefined
  const { code, headers, body } = await handle({
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', 'https://api'),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: await text(request),
    ...(raw !== undefined && { certificate: raw })
  })
  response.writeHead(code, headers)
  if (typeof body === 'string') {
    response.end(body)
    return
  }
  response.flushHeaders()
  const stop = body.read(
    (line) => void response.write(line),
    (error) => void (error === undefined ? response.end() : response.destroy())
  )
  response.on('close', stop)
}
