import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

interface Given {
  socket: Socket
  /** Bytes that may come before `open` is called. */
  limit: number
  /** Called if there is something that `handOn` would hand on. */
  arrived: () => void
}

/**
 * A socket that hands on nothing before `handOn` is called, and no more than `limit` bytes before `open`: more ends the
 * connection. The socket stands between the network and TLS, for which OpenSSL has no bound of its own that Node can
 * set.
 */
export class GuardedSocket extends Duplex {
  readonly remoteAddress: string | undefined
  readonly #socket: Socket
  readonly #arrived: () => void
  #left: number
  /** Bytes that came and were not handed on. Undefined once the connection is open. */
  #kept: Buffer[] | undefined = []
  #handedOn = false

  constructor({ socket, limit, arrived }: Given) {
    super({ allowHalfOpen: false })
    this.remoteAddress = socket.remoteAddress
    this.#socket = socket
    this.#left = limit
    this.#arrived = arrived
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    // a peer that ends before the handshake is done wants nothing
    socket.on('end', () => (this.#kept === undefined ? this.push(null) : this.destroy()))
    // nobody needs the error: the connection is closed
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.destroy())
  }

  #take(chunk: Buffer): void {
    if (this.#kept === undefined) {
      if (!this.push(chunk)) this.#socket.pause()
      return
    }
    this.#kept.push(chunk)
    const length = this.#kept.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (length > this.#left) {
      // a client's first words are short, and it says no more before it has an answer
      if (!this.#handedOn) return void this.destroy()
      // the chunk may contain what comes after the handshake
      this.#socket.pause()
    }
    this.#arrived()
  }

  /** Hands on what came, up to the limit. */
  handOn(): void {
    if (this.#kept === undefined) return
    this.#handedOn = true
    const came = Buffer.concat(this.#kept)
    const [now, later] = [came.subarray(0, this.#left), came.subarray(this.#left)]
    this.#kept = []
    this.#left -= now.length
    // TLS reads it before this returns; if that ends the handshake, `open` was called
    this.push(now)
    if (later.length === 0 || this.destroyed) return
    if (this.#kept === undefined) this.push(later)
    else this.destroy()
  }

  /** Opens the connection once the handshake is done: from now on everything is handed on as it comes. */
  open(): void {
    this.#kept = undefined
    this.#socket.resume()
  }

  override _read(): void {
    // before it is open, `handOn` decides
    if (this.#kept === undefined) this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
