import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { RecordWriter, writtenCipher } from './record-writer.ts'

/** A connection whose handshake Node did. From then on `write` makes what is sent, and `tls` reads what comes. */
export interface RawTls {
  tls: TLSSocket
  /** Connection below TLS. */
  tcp: Socket
  write: RecordWriter
}

/** Connects, and does the handshake. `localAddress`: the address from which the client comes. */
export const rawTls = async (
  port: number,
  { localAddress = '127.0.0.1', ...options }: ConnectionOptions & { localAddress?: string } = {}
): Promise<RawTls> => {
  const tcp = connectTcp({ port, host: '127.0.0.1', localAddress })
  const tls = connect({ socket: streamOver(tcp), rejectUnauthorized: false, ciphers: writtenCipher, ...options })
  const ends = [tcp, tls] as const
  for (const end of ends) end.on('error', () => {})
  const secret = new Promise<Buffer>((resolve) => {
    tls.on('keylog', (line: Buffer) => {
      const [label, , hex = ''] = line.toString().trim().split(' ')
      if (label === 'CLIENT_TRAFFIC_SECRET_0') resolve(Buffer.from(hex, 'hex'))
    })
  })
  await once(tls, 'secureConnect')
  return { tls, tcp, write: new RecordWriter(await secret) }
}

/** A stream that is no socket: over a socket, TLS takes its place in the process, and nobody else may write to it. */
const streamOver = (tcp: Socket): Duplex => {
  const stream = new Duplex({
    read: () => void tcp.resume(),
    write: (chunk, _, done) => void tcp.write(chunk, done),
    final: (done) => void tcp.end(done),
    destroy: (error, done) => {
      tcp.destroy()
      done(error)
    }
  })
  tcp.on('data', (chunk) => {
    if (!stream.push(chunk)) tcp.pause()
  })
  tcp.on('end', () => stream.push(null))
  tcp.on('close', () => stream.destroy())
  return stream
}
