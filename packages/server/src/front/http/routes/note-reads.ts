import { eventsRoute, operatorRoutes } from '@joinery/protocol'
import type { FastifyInstance } from 'fastify'
import type { NoteRead } from '../../../core/services/answers.ts'
import { claimedOperator } from './claimed-operator.ts'

/** Paths of the calls that show something. Health and metrics are not among them: programs ask for those each second. */
const readPaths: ReadonlySet<string> = new Set(
  [...Object.values(operatorRoutes), eventsRoute].flatMap(({ method, path }) => (method === 'GET' ? [path] : []))
)

/** Notes who reads, after each answer that showed something. */
export const noteReads = (app: FastifyInstance, note: NoteRead): void => {
  app.addHook('onResponse', async (request, { statusCode }) => {
    const { method, routeOptions } = request
    if (method !== 'GET' || statusCode >= 400 || !readPaths.has(routeOptions.url ?? '')) return
    note(claimedOperator(request).by)
  })
}
