import type { ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { knownPinHeader, protocolHeader, protocolVersion } from '@joinery/protocol'
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

/**
 * Cuts a connection if a request comes before the one before it is answered. Node reads such requests as fast as they
 * come and keeps each until it is answered: 57 bytes of a long poll cost 5 KB. No client that we know of sends them.
 */
export const oneRequestAtATime = (app: FastifyInstance): void => {
  const answers = new WeakMap<object, ServerResponse>()
  app.addHook('onRequest', (request, reply, next) => {
    const { socket } = request.raw
    // an ended answer may not be sent yet: the client may be quicker than its last byte
    if (!socket.destroyed && answers.get(socket)?.writableEnded !== false) {
      answers.set(socket, reply.raw)
      return next()
    }
    reply.hijack()
    socket.destroy()
  })
}

/** Says with each answer to an agent, also with a refusal, which version of the agents' API this server knows. */
export const sayProtocol = (app: FastifyInstance): void => {
  app.addHook('onRequest', (_, reply, next) => {
    reply.header(protocolHeader, String(protocolVersion))
    next()
  })
}
