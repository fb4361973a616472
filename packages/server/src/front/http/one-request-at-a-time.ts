import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'

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
