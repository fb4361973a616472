import { agentRoutes, type Route } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import { budgets } from '../../../core/base/budgets.ts'
import type { CallRates, RatedCall } from '../../../core/base/rates/call-rates.ts'
import type { Witnesses } from '../../../core/generation/witnesses.ts'
import type { AgentService } from '../../../core/services/agent-service.ts'
import type { AgentAnswers } from '../../../core/services/answers.ts'
import type { UnknownFields } from '../../../core/services/unknown-fields.ts'
import type { CurrentStatement } from '../../../core/trust/statements.ts'
import { statementAnswer } from '../say-statement.ts'
import { caller } from './caller.ts'
import { knownFields } from './known-fields.ts'
import type { Handlers, RouteOptions } from './register.ts'
import { witnessing } from './witnessing.ts'

/**
 * Handlers of the agents' calls. The identity of a caller is the key of the TLS client certificate; nothing in a body
 * can change it.
 */
export const agentHandlers = (
  service: AgentService & AgentAnswers,
  statements: CurrentStatement
): Handlers<typeof agentRoutes> => ({
  enrol: async (request) => {
    const { created, enrolment } = await service.enrol(caller(request), request.body)
    return { status: created ? 201 : 200, body: enrolment }
  },
  wait: async (request) => {
    const { after = '0', wait: seconds = '0' } = request.query
    const news = await service.wait(caller(request), Number(after), Math.min(Number(seconds), 55), request.signal)
    if (typeof news === 'object') return { status: 200, body: news }
    if (news === 'ended') return { status: 204, body: null, retryAfter: budgets.polls.endedRetryAfter }
    return { status: 204, body: null }
  },
  observe: (request) => service.observe(caller(request), request.body),
  cluster: (request) => service.cluster(caller(request)),
  reachability: (request) => service.reachability(caller(request), request.body),
  claim: (request) => service.claim(caller(request), request.body ?? {}),
  progress: (request) => service.progress(caller(request), request.body),
  outcome: async (request) => {
    const enrolment = await service.outcome(caller(request), request.body)
    const unconfirmed = request.body.outcome === 'ready' && enrolment.state !== 'ready'
    return { status: unconfirmed ? 202 : 200, body: enrolment }
  },
  reportCauses: (request) => service.reportCauses(caller(request), request.body),
  recover: (request) => service.recover(caller(request), request.body),
  claimRecovery: (request) => service.claimRecovery(caller(request), request.body),
  statement: () => statementAnswer(statements)
})

interface CallParts {
  rates: CallRates
  unknown: UnknownFields
  witnesses: Witnesses
}

/**
 * Options of the agents' calls: the rates at which a key may make some of them, that what a newer agent says is left out, and that agents
 * are witnesses of what this server said. A field that this server must not leave out is one that agents do not send to it.
 */
export const agentOptions = ({ rates, unknown, witnesses }: CallParts): RouteOptions<typeof agentRoutes> => {
  const rated = agentRates(rates)
  const calls = Object.keys(agentRoutes) as (keyof typeof agentRoutes)[]
  const witnessed = witnessing(witnesses)
  return Object.fromEntries(calls.map((call) => [call, { ...rated[call], ...leavingOut(call, unknown), ...witnessed }]))
}

const leavingOut = (call: keyof typeof agentRoutes, unknown: UnknownFields) => {
  const { body, query }: Route = agentRoutes[call]
  return {
    preValidation: async (request: FastifyRequest) => {
      const [said, asked] = [request.body, request.query]
      if (body !== undefined) request.body = knownFields(body, said)
      if (query !== undefined) request.query = knownFields(query, asked)
      if (request.body !== said || request.query !== asked) unknown.count(call)
    }
  }
}

const agentRates = (rates: CallRates): RouteOptions<typeof agentRoutes> => {
  /** Checks the rate before the body is read, so that a refused call costs nothing more. */
  const rated = (call: RatedCall) => ({
    onRequest: async (request: FastifyRequest) => rates.require(call, caller(request).key)
  })
  return {
    enrol: rated('observations'),
    observe: rated('observations'),
    claim: rated('claims'),
    progress: rated('progress'),
    outcome: rated('outcomes'),
    reportCauses: rated('causes'),
    recover: rated('recoveries'),
    claimRecovery: rated('claims')
  }
}
