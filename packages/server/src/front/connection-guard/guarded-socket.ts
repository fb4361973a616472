import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Budgets } from '../../core/base/budgets.ts'

interface Given {
  socket: Socket
  /** Bytes that may come before `open` is called. */
  limit: number
  /** Bounds of what comes between two requests. What comes before the first one counts as well. */
  sent: Budgets['sent']
  /** Called if there is something that `handOn` would hand on. */
  arrived: () => void
}

/**
 * A socket that hands on nothing before `handOn` is called, and no more than `limit` bytes before `open`: more ends the
 * connection. From then on it hands on a few records as they come, and more only when `handOn` is called. Too much
 * between two requests ends the connection. The socket stands between the network and TLS, for which OpenSSL has no
 * bound of its own that Node can set.
 */
export class GuardedSocket extends Duplex {
  readonly remoteAddress: string | undefined
  readonly #socket: Socket
  readonly #arrived: () => void
  readonly #sent: Budgets['sent']
  readonly #records: RecordReader
  /** Bytes that may be handed on before the connection is open. */
  #left: number
  /** Cost of the records that may come before the next request. */
  #mayCome: number
  /** Bytes that came and were not handed on. */
  #kept: Buffer[] = []
  #handedOn = false
  #isOpen = false

  constructor({ socket, limit, sent, arrived }: Given) {
    super({ allowHalfOpen: false })
    this.remoteAddress = socket.remoteAddress
    this.#socket = socket
    this.#left = limit
    this.#sent = sent
    this.#mayCome = sent.bytes
    this.#records = new RecordReader(sent.record)
    this.#arrived = arrived
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    // a peer that ends before the handshake is done wants nothing
    socket.on('end', () => (this.#isOpen ? this.push(null) : this.destroy()))
    // nobody needs the error: the connection is closed
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.destroy())
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  #take(chunk: Buffer): void {
    const { many, cost } = this.#records.read(chunk)
    this.#mayCome -= cost
    // before TLS has any work with it
    if (this.#mayCome < 0) return void this.destroy()
    if (this.#isOpen && this.#kept.length === 0 && many <= this.#sent.atOnce) this.#handOnOpen([chunk])
    else this.#keep(chunk)
  }

  #keep(chunk: Buffer): void {
    this.#kept.push(chunk)
    const length = this.#kept.reduce((sum, { byteLength }) => sum + byteLength, 0)
    // a client's first words are short, and it says no more before it has an answer
    if (!this.#handedOn && length > this.#left) return void this.destroy()
    // the chunk may contain what comes after the handshake
    if (this.#isOpen || length > this.#left) this.#socket.pause()
    this.#arrived()
  }

  /** Hands on what came. Before the connection is open, up to the limit. */
  handOn(): void {
    const came = this.#kept
    this.#kept = []
    if (this.#isOpen) this.#handOnOpen(came)
    else this.#handOnFirst(Buffer.concat(came))
  }

  #handOnFirst(all: Buffer): void {
    this.#handedOn = true
    const [now, later] = [all.subarray(0, this.#left), all.subarray(this.#left)]
    this.#left -= now.length
    // TLS reads it before this returns; if that ends the handshake, `open` was called
    this.push(now)
    if (later.length === 0 || this.destroyed) return
    if (this.#isOpen) this.push(later)
    else this.destroy()
  }

  #handOnOpen(chunks: readonly Buffer[]): void {
    if (chunks.map((chunk) => this.push(chunk)).every(Boolean)) this.#socket.resume()
    else this.#socket.pause()
  }

  /** Opens the connection once the handshake is done. */
  open(): void {
    this.#isOpen = true
    this.#socket.resume()
  }

  /** Notes that there is a request: its body, and the next request, may come. */
  renew(): void {
    this.#mayCome = this.#sent.bytes
  }

  override _read(): void {
    // otherwise `handOn` decides
    if (this.#isOpen && this.#kept.length === 0) this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // after the peer's end nothing can be written, and to be told so costs an error with its stack for each connection
    if (this.#socket.readableEnded) done()
    else this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // a peer that does not read gets no whole answer any more: the kernel must not keep megabytes for it, and try for minutes
    if (this.#socket.writableLength > 0) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
    done(error)
  }
}

/** Bytes of a record's head: its type, a version, and the length of the rest (RFC 8446, 5.1). */
const headBytes = 5

/** Records that came: how many begin, and the sum of what they cost. */
interface Records {
  many: number
  cost: number
}

/**
 * Reads where the records of TLS begin in what a connection sends. Their lengths are in clear. A record costs its bytes, or `least` if
 * that is more: TLS lets a client change its keys by 27 bytes, as often as it likes, and each change is work for the server.
 */
export class RecordReader {
  readonly #least: number
  /** Bytes of the present head that were read, and bytes of the record after it that are yet to come. */
  #head = 0
  #length = 0
  #left = 0

  constructor(least: number) {
    this.#least = least
  }

  read(chunk: Buffer): Records {
    const records = { many: 0, cost: 0 }
    for (let at = 0; at < chunk.length; ) {
      const skipped = Math.min(this.#left, chunk.length - at)
      this.#left -= skipped
      at += skipped
      if (at === chunk.length) break
      if (this.#head >= headBytes - 2) this.#length = this.#length * 256 + (chunk[at] ?? 0)
      this.#head += 1
      at += 1
      if (this.#head < headBytes) continue
      records.many += 1
      records.cost += Math.max(headBytes + this.#length, this.#least)
      this.#left = this.#length
      this.#head = 0
      this.#length = 0
    }
    return records
  }
}
