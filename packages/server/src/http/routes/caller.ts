import type { TLSSocket } from 'node:tls'
import { ProblemError } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import { peerKey } from '../../door/peer-key.ts'
import type { Caller } from '../../services/agent-service.ts'

/** The caller, by the TLS connection. Throws `certificate-required`. */
export const caller = (request: Pick<FastifyRequest, 'raw' | 'ip'>): Caller => {
  const key = peerKey(request.raw.socket as TLSSocket)
  if (key === undefined) {
    throw new ProblemError('certificate-required', { detail: 'present a self-signed P-256 certificate' })
  }
  return { key, address: request.ip.replace(/^::ffff:/, '') }
}
