import type { TLSSocket } from 'node:tls'
import { type OwnEnrolment, witnessHeader } from '@joinery/protocol'
import type { FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Witnesses } from '../../../core/generation/witnesses.ts'
import { peerKey } from '../../connection-guard/peer-key.ts'

/** Options of a call by which its agent is a witness: it hears what the server says, and shows what it heard before. */
export const witnessing = (witnesses: Witnesses): RouteShorthandOptions => ({
  // before the call changes anything, and nobody waits for it
  preHandler: (request, _, next) => {
    const [key, text] = [keyOf(request), request.headers[witnessHeader]]
    if (key !== undefined && text !== undefined) void witnesses.hear(text, key)
    next()
  },
  preSerialization: (request, reply, payload, next) => {
    const key = keyOf(request)
    if (key !== undefined && reply.statusCode < 300 && isEnrolment(payload)) {
      const text = witnesses.textFor(payload, key)
      if (text !== undefined) reply.header(witnessHeader, text)
    }
    next(null, payload)
  }
})

const keyOf = (request: FastifyRequest): string | undefined => peerKey(request.raw.socket as TLSSocket)

/** True for the answers that have a revision. Facts of the cluster and credentials have none. */
const isEnrolment = (payload: unknown): payload is OwnEnrolment =>
  typeof payload === 'object' && payload !== null && 'id' in payload && 'revision' in payload
