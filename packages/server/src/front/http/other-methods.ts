import { ProblemError } from '@joinery/protocol'
import type { FastifyInstance } from 'fastify'

/**
 * Notes the routes that the app gets from now on. Gives a function that, once all are there, has the app answer each other method of their
 * paths with 405 and `Allow` (RFC 9110, section 15.5.6). The router decides which path a request has.
 */
export const noteMethods = (app: FastifyInstance): (() => void) => {
  const routes: { url: string; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => void routes.push({ url, methods: [method].flat() }))
  return () => {
    for (const [url, same] of Map.groupBy(routes, (route) => route.url)) {
      const methods = same.flatMap((route) => route.methods).sort()
      const allow = [...new Set(methods)].join(', ')
      app.route({
        url,
        method: app.supportedMethods.filter((method) => !methods.includes(method)),
        // before a body is read
        onRequest: (request, reply, next) => {
          reply.header('allow', allow)
          next(new ProblemError('method-not-allowed', { detail: `the path takes ${allow}, and not ${request.method}` }))
        },
        handler: async () => undefined
      })
    }
  }
}
