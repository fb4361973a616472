import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { agentRoutes } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import { budgets } from '../../base/budgets.ts'
import type { CallRates, RatedCall } from '../../rates/call-rates.ts'
import type { AgentService } from '../../services/agent-service.ts'
import { caller } from './caller.ts'

const { enrol, wait, observe, cluster, reachability, claim, progress, outcome } = agentRoutes

/** The agents' calls. The identity of a caller is the key of the TLS client certificate; nothing in a body can change it. */
export const agentPlugin =
  (service: AgentService, rates: CallRates): FastifyPluginAsyncTypebox =>
  async (app) => {
    /** Before the body is read: what is refused costs nothing more. */
    const rated = (call: RatedCall) => ({
      onRequest: async (request: FastifyRequest) => rates.require(call, caller(request).key)
    })

    app.post(
      enrol.path,
      { ...rated('observations'), schema: { body: enrol.body, response: enrol.response } },
      async (request, reply) => {
        const { created, enrolment } = await service.enrol(caller(request), request.body)
        return reply.code(created ? 201 : 200).send(enrolment)
      }
    )

    app.get(wait.path, { schema: { querystring: wait.query, response: wait.response } }, async (request, reply) => {
      const { after = '0', wait: seconds = '0' } = request.query
      const news = await service.wait(caller(request), Number(after), Math.min(Number(seconds), 55), request.signal)
      if (typeof news === 'object') return reply.send(news)
      if (news === 'ended') reply.header('retry-after', budgets.polls.endedRetryAfter)
      return reply.code(204).send(null)
    })

    app.put(
      observe.path,
      { ...rated('observations'), schema: { body: observe.body, response: observe.response } },
      (request) => service.observe(caller(request), request.body)
    )

    app.get(cluster.path, { schema: { response: cluster.response } }, (request) => service.cluster(caller(request)))

    app.post(reachability.path, { schema: { body: reachability.body, response: reachability.response } }, (request) =>
      service.reachability(caller(request), request.body)
    )

    app.post(claim.path, { ...rated('claims'), schema: { body: claim.body, response: claim.response } }, (request) =>
      service.claim(caller(request), request.body ?? {})
    )

    app.post(
      progress.path,
      { ...rated('progress'), schema: { body: progress.body, response: progress.response } },
      (request) => service.progress(caller(request), request.body)
    )

    app.post(
      outcome.path,
      { ...rated('outcomes'), schema: { body: outcome.body, response: outcome.response } },
      async (request, reply) => {
        const enrolment = await service.outcome(caller(request), request.body)
        const unconfirmed = request.body.outcome === 'ready' && enrolment.state !== 'ready'
        return reply.code(unconfirmed ? 202 : 200).send(enrolment)
      }
    )
  }
