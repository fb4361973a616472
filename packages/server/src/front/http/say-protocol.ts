import { protocolHeader, protocolVersion } from '@joinery/protocol'
import type { FastifyInstance } from 'fastify'

/** Says with each answer to an agent, also with a refusal, which version of the agents' API this server knows. */
export const sayProtocol = (app: FastifyInstance): void => {
  app.addHook('onRequest', (_, reply, next) => {
    reply.header(protocolHeader, String(protocolVersion))
    next()
  })
}
