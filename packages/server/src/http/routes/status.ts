import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { operatorRoutes } from '@joinery/protocol'
import type { StatusService } from '../../status/status-service.ts'

const { status } = operatorRoutes

export const statusPlugin =
  (service: StatusService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(status.path, { schema: { response: status.response } }, () => service.status())
  }
