import { hash, type KeyObject } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { ProblemError } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../enrolments/agent-service.ts'

/** By connection: a peer proves its key once, in the handshake. */
const keys = new WeakMap<object, string>()

/** Who calls, by the TLS connection. Throws `certificate-required`. */
export const caller = (request: FastifyRequest): Caller => {
  const { socket } = request.raw
  const key = keys.get(socket) ?? peerKey(socket as TLSSocket)
  keys.set(socket, key)
  return { key, address: request.ip.replace(/^::ffff:/, '') }
}

const peerKey = (socket: TLSSocket): string => {
  const key = socket.getPeerX509Certificate()?.publicKey
  // one curve: it bounds the work that an unknown peer can ask for
  if (key?.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new ProblemError('certificate-required', { detail: 'present a self-signed P-256 certificate' })
  }
  return p256Fingerprint(key)
}

/** What comes before the coordinates in the SubjectPublicKeyInfo of a P-256 key (RFC 5480). */
const p256Head = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')

/** `fingerprint` of a P-256 key, at a sixth of the CPU time: Node's export of SPKI takes 50 us, a new connection 800. */
export const p256Fingerprint = (key: KeyObject): string => {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return `sha256:${hash('sha256', Buffer.concat([p256Head, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]))}`
}
