import { isOperatorName, operatorHeader, operatorRoutes } from '@joinery/protocol'
import type { FastifyInstance } from 'fastify'

/** Paths of the calls that show something. Health and metrics are not among them: programs ask for those each second. */
const readPaths: ReadonlySet<string> = new Set(
  Object.values(operatorRoutes).flatMap(({ method, path }) => (method === 'GET' ? [path] : []))
)

/** Notes who reads, after each answer that showed something. */
export const noteReads = (app: FastifyInstance, reads: { note(by: string | undefined): void }): void => {
  app.addHook('onResponse', async ({ method, routeOptions, headers }, { statusCode }) => {
    if (method !== 'GET' || statusCode >= 400 || !readPaths.has(routeOptions.url ?? '')) return
    const claimed = headers[operatorHeader]
    reads.note(typeof claimed === 'string' && isOperatorName(claimed) ? claimed : undefined)
  })
}
