import type { TLSSocket } from 'node:tls'
import { knownPinHeader, nextPinHeader } from '@joinery/protocol'
import type { FastifyInstance } from 'fastify'
import { peerKey } from '../door/peer-key.ts'
import type { NextPin } from '../status/next-pin.ts'

/**
 * Says with each answer which pin comes next, while there are two CAs, and notes which machines keep it. Only a machine that got an
 * answer counts: a stranger gets a refusal.
 */
export const announceNextPin = (app: FastifyInstance, next: NextPin): void => {
  const { pin } = next
  if (pin === undefined) return
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header(nextPinHeader, pin)
    const key = reply.statusCode < 300 ? peerKey(request.raw.socket as TLSSocket) : undefined
    if (key !== undefined) next.heard(key, request.headers[knownPinHeader])
    done()
  })
}
