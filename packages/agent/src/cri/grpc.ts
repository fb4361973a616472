import { type ClientHttp2Session, connect } from 'node:http2'
import { connect as connectSocket } from 'node:net'

/** The answer of a gRPC server that is not OK. `status` is a gRPC status code, as 12 for UNIMPLEMENTED. */
export class GrpcError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'GrpcError'
    this.status = status
  }
}

export const unimplemented = 12
const unknown = 2
const answerLimit = 1024 * 1024

/** Calls a method and gives the bytes of the one response message. `message` is the request's, an empty one by default. */
export type Call = (method: string, message?: Uint8Array) => Promise<Uint8Array>

/**
 * Runs `use` with unary gRPC calls over HTTP/2 on a unix socket, then closes the connection. Rejects with GrpcError, with
 * the socket's own error (ENOENT, ECONNREFUSED, EACCES), after `timeout` milliseconds for all calls together, or when `signal` aborts.
 */
export const withGrpc = async <T>(
  socket: string,
  timeout: number,
  use: (call: Call) => Promise<T>,
  signal?: AbortSignal
): Promise<T> => {
  signal?.throwIfAborted()
  const session = connect('http://localhost', { createConnection: () => connectSocket(socket) })
  const { promise: broken, reject } = Promise.withResolvers<never>()
  session.on('error', reject)
  session.on('close', () => reject(new Error('the connection was closed before the answer')))
  const timer = setTimeout(() => session.destroy(new Error(`no answer within ${timeout / 1000} s`)), timeout)
  const giveUp = (): void => session.destroy(new Error('the call was given up'))
  signal?.addEventListener('abort', giveUp)
  try {
    return await Promise.race([use((method, message) => unary(session, method, message)), broken])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
    session.destroy()
  }
}

const unary = (
  session: ClientHttp2Session,
  method: string,
  message: Uint8Array = new Uint8Array()
): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers'
    })
    const chunks: Buffer[] = []
    let size = 0
    let outcome: Record<string, unknown> = {}
    const note = (headers: object): void => {
      outcome = { ...outcome, ...headers }
    }
    // an error without a message comes only as headers
    stream.on('response', note)
    stream.on('trailers', note)
    stream.on('error', reject)
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > answerLimit) stream.destroy(new Error('the answer is too long'))
    })
    stream.on('close', () => {
      const status = Number(outcome['grpc-status'] ?? unknown)
      if (status === 0) resolve(unframe(Buffer.concat(chunks)))
      else reject(new GrpcError(status, percentDecode(String(outcome['grpc-message'] ?? `gRPC status ${status}`))))
    })
    stream.end(frame(message))
  })

/** A gRPC frame: a byte that says "not compressed", four bytes of length, the message. */
const frame = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

const unframe = (bytes: Buffer): Uint8Array => bytes.subarray(5, 5 + (bytes.length < 5 ? 0 : bytes.readUInt32BE(1)))

const percentDecode = (message: string): string =>
  message.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
