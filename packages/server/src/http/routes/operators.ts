import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { operatorRoutes, sealedLimit } from '@joinery/protocol'
import type { CodeService } from '../../services/code-service.ts'
import type { OperatorService } from '../../services/operator-service.ts'
import { claimedOperator } from './claimed-operator.ts'

const {
  createCode,
  listCodes,
  showCode,
  revokeCode,
  list,
  show,
  approve,
  grant,
  reject,
  release,
  retry,
  holder,
  remove
} = operatorRoutes

/** The operators' calls. Who may reach the socket is an operator. */
export const operatorPlugin =
  (codes: CodeService, enrolments: OperatorService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      createCode.path,
      { schema: { body: createCode.body, response: createCode.response } },
      async (request, reply) => reply.code(201).send(await codes.create(request.body, claimedOperator(request)))
    )
    app.get(listCodes.path, { schema: { querystring: listCodes.query, response: listCodes.response } }, (request) =>
      codes.list(request.query)
    )
    app.get(showCode.path, { schema: { params: showCode.params, response: showCode.response } }, (request) =>
      codes.show(request.params.reference)
    )
    app.post(
      revokeCode.path,
      { schema: { params: revokeCode.params, response: revokeCode.response } },
      async (request) => codes.revoke(request.params.reference, claimedOperator(request))
    )

    app.get(list.path, { schema: { querystring: list.query, response: list.response } }, (request) =>
      enrolments.list(request.query)
    )
    app.get(show.path, { schema: { params: show.params, response: show.response } }, (request) =>
      enrolments.show(request.params.reference)
    )
    app.post(
      approve.path,
      { schema: { params: approve.params, body: approve.body, response: approve.response } },
      async (request) => enrolments.approve(request.params.reference, request.body, claimedOperator(request))
    )
    app.put(
      grant.path,
      { schema: { params: grant.params, body: grant.body, response: grant.response }, bodyLimit: 2 * sealedLimit },
      async (request) => enrolments.grant(request.params.reference, request.body, claimedOperator(request))
    )
    app.post(
      reject.path,
      { schema: { params: reject.params, body: reject.body, response: reject.response } },
      async (request) => enrolments.reject(request.params.reference, request.body.reason, claimedOperator(request))
    )
    app.post(
      release.path,
      { schema: { params: release.params, body: release.body, response: release.response } },
      async (request) => enrolments.release(request.params.reference, request.body.key, claimedOperator(request))
    )
    app.post(
      retry.path,
      { schema: { params: retry.params, body: retry.body, response: retry.response } },
      async (request) => enrolments.retry(request.params.reference, request.body, claimedOperator(request))
    )
    app.get(holder.path, { schema: { params: holder.params, response: holder.response } }, (request) =>
      enrolments.holder(request.params.reference)
    )
    app.post(remove.path, { schema: { params: remove.params, response: remove.response } }, async (request) =>
      enrolments.remove(request.params.reference, claimedOperator(request))
    )
  }
