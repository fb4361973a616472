import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { operatorRoutes } from '@joinery/protocol'
import type { JoinCommandService } from '../../services/join-command-service.ts'
import { claimedOperator } from './claimed-operator.ts'

const { joinCommand } = operatorRoutes

export const joinCommandPlugin =
  (service: JoinCommandService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      joinCommand.path,
      { schema: { body: joinCommand.body, response: joinCommand.response } },
      async (request, reply) => reply.code(201).send(await service.create(request.body, claimedOperator(request)))
    )
  }
