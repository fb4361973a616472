import type { TLSSocket } from 'node:tls'
import { knownPinHeader } from '@joinery/protocol'
import type { FastifyInstance } from 'fastify'
import type { UnknownPins } from '../../core/trust/unknown-pins.ts'
import { peerKey } from '../connection-guard/peer-key.ts'
import type { NextPin } from '../status/next-pin.ts'

/** Notes which next pin each machine keeps. Only a machine that got an answer counts: a stranger gets a refusal. */
export const hearKnownPins = (app: FastifyInstance, next: NextPin, unknown: Pick<UnknownPins, 'hear'>): void => {
  app.addHook('onSend', (request, reply, _payload, done) => {
    const said = request.headers[knownPinHeader]
    const key = said !== undefined && reply.statusCode < 300 ? peerKey(request.raw.socket as TLSSocket) : undefined
    if (key !== undefined) {
      next.heard(key, said)
      void unknown.hear(key, said)
    }
    done()
  })
}
