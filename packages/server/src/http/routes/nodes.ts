import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { operatorRoutes } from '@joinery/protocol'
import type { NodeService } from '../../services/node-service.ts'

const { listNodes } = operatorRoutes

export const nodesPlugin =
  (service: NodeService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(listNodes.path, { schema: { querystring: listNodes.query, response: listNodes.response } }, (request) =>
      service.list(request.query)
    )
  }
