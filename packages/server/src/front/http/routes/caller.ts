import type { TLSSocket } from 'node:tls'
import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../../core/services/agent-service.ts'
import { peerKey } from '../../connection-guard/peer-key.ts'

/** The caller, by the TLS connection. Throws `certificate-required`. */
export const caller = (request: Pick<FastifyRequest, 'raw' | 'ip' | 'headers'>): Caller => {
  const key = peerKey(request.raw.socket as TLSSocket)
  if (key === undefined) {
    throw new ProblemError('certificate-required', { detail: 'present a self-signed P-256 certificate' })
  }
  return { key, address: request.ip.replace(/^::ffff:/, ''), ...given({ version: versionOf(request) }) }
}

/** Version of the agent, by the header that agents send since they send one. Undefined for any other program. */
const versionOf = ({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined =>
  /^joinery-agent\/([\w.+~-]{1,32})$/.exec(headers['user-agent'] ?? '')?.[1]
