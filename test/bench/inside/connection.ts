import type { SecureContext, TLSSocket } from 'node:tls'
import { serverName } from '@joinery/protocol'
import { connectFrom } from './loopback.ts'

export interface Answer {
  status: number
  body: string
}

/**
 * One connection of an agent: HTTP/1.1 by hand, one request at a time. What makes the load must cost less than what is
 * loaded; any client library costs more.
 */
export class AgentConnection {
  readonly #socket: TLSSocket
  #received = ''
  #pending: PromiseWithResolvers<Answer> | undefined

  /** Begins the handshake; requests wait for its end. */
  constructor(port: number, identity: SecureContext, localAddress = '127.0.0.1') {
    this.#socket = connectFrom(localAddress, port, { secureContext: identity, checkServerIdentity: () => undefined })
    // for checkServerIdentity alone: a fifth of what a connection costs this side
    this.#socket.getPeerCertificate = () => ({}) as never
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#take(text))
    this.#socket.on('error', (error) => this.#pending?.reject(error))
    this.#socket.on('close', () => this.#pending?.reject(new Error('the server closed the connection')))
  }

  request(method: string, path: string, body = ''): Promise<Answer> {
    if (this.#socket.destroyed) return Promise.reject(new Error('the server closed the connection'))
    const type = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
    this.#pending = Promise.withResolvers()
    this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${serverName}\r\n${type}\r\n${body}`)
    return this.#pending.promise
  }

  close(): void {
    this.#pending = undefined
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#received += text
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#received.slice(0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (this.#received.length < end + 4 + length) return
    const body = this.#received.slice(end + 4, end + 4 + length)
    this.#received = ''
    this.#pending?.resolve({ status: Number(head.slice(9, 12)), body })
  }
}
