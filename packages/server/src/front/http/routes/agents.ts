import type { TLSSocket } from 'node:tls'
import { agentRoutes, isReady, type OwnEnrolment, type Route, witnessHeader } from '@joinery/protocol'
import type { FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { budgets } from '../../../core/base/budgets.ts'
import type { CallRates, RatedCall } from '../../../core/base/rates/call-rates.ts'
import type { Witnesses } from '../../../core/generation/witnesses.ts'
import type { AgentService } from '../../../core/services/agent-service.ts'
import type { AgentAnswers } from '../../../core/services/answers.ts'
import type { UnknownFields } from '../../../core/services/unknown-fields.ts'
import type { CurrentStatement } from '../../../core/trust/statements.ts'
import { peerKey } from '../../connection-guard/peer-key.ts'
import { statementAnswer } from '../say-statement.ts'
import { caller } from './caller.ts'
import type { Handlers, RouteOptions } from './register.ts'

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
    const unconfirmed = request.body.outcome === 'ready' && !isReady(enrolment)
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

/** The parts of a JSON schema by which fields are known. */
interface Shape {
  const?: unknown
  type?: string
  properties?: Readonly<Record<string, Shape>>
  items?: Shape
  anyOf?: readonly Shape[]
}

/**
 * The value without the fields that its schema does not know, however deep: a newer agent may say more than this server reads. It
 * is the same value if it has none. The schema judges what is left, as ever, so nothing unknown is stored, hashed or shown. In a
 * union, the fields of the one form that the value may have are known.
 */
export const knownFields = (schema: TSchema, value: unknown): unknown => known(schema as Shape, value)

const known = (shape: Shape, value: unknown): unknown => {
  const { properties, items, anyOf } = shape
  if (anyOf !== undefined) {
    const [form, another] = anyOf.filter((one) => mayBe(one, value))
    return form === undefined || another !== undefined ? value : known(form, value)
  }
  if (items !== undefined && Array.isArray(value))
    return same(
      value,
      value.map((item) => known(items, item))
    )
  if (properties === undefined || !isObject(value)) return value
  const entries = Object.entries(value)
  const own = entries.filter(([name]) => Object.hasOwn(properties, name))
  const left = own.map(([name, field]) => [name, known(properties[name] as Shape, field)] as const)
  const isSame = own.length === entries.length && left.every(([name, field]) => value[name] === field)
  return isSame ? value : Object.fromEntries(left)
}

const same = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] =>
  after.every((item, at) => item === before[at]) ? before : after

const mayBe = ({ type, properties = {} }: Shape, value: unknown): boolean => {
  if (type === 'null') return value === null
  return isObject(value) && Object.entries(properties).every(([name, field]) => isFixed(field, value[name]))
}

/** True if the field may have this value, as far as it says which one it has. */
const isFixed = (field: Shape, value: unknown): boolean => !('const' in field) || field.const === value

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Options of a call by which its agent is a witness: it hears what the server says, and shows what it heard before. */
const witnessing = (witnesses: Witnesses): RouteShorthandOptions => ({
  // before the call changes anything, and nobody waits for it
  preHandler: (request, _, next) => {
    const [key, text] = [keyOf(request), request.headers[witnessHeader]]
    if (key !== undefined && text !== undefined) void witnesses.hear(text, key)
    next()
  },
  preSerialization: (request, reply, payload, next) => {
    const key = keyOf(request)
    if (key !== undefined && reply.statusCode < 300 && isEnrolment(payload)) {
      const text = witnesses.textFor(payload, key)
      if (text !== undefined) reply.header(witnessHeader, text)
    }
    next(null, payload)
  }
})

const keyOf = (request: FastifyRequest): string | undefined => peerKey(request.raw.socket as TLSSocket)

/** True for the answers that have a revision. Facts of the cluster and credentials have none. */
const isEnrolment = (payload: unknown): payload is OwnEnrolment =>
  typeof payload === 'object' && payload !== null && 'id' in payload && 'revision' in payload
