import { type DecideQuery, type operatorRoutes, ProblemError } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import type { Asker } from '../../../core/enrolment/decision/decision.ts'
import type { OperatorAnswers } from '../../../core/services/answers.ts'
import type { CodeService } from '../../../core/services/code-service.ts'
import type { JoinCommandService } from '../../../core/services/join-command-service.ts'
import type { NodeService } from '../../../core/services/node-service.ts'
import type { OperatorService } from '../../../core/services/operator-service.ts'
import type { StatusService } from '../../status/status-service.ts'
import { claimedOperator } from './claimed-operator.ts'
import type { Handlers } from './register.ts'

interface Services {
  codes: CodeService
  enrolments: OperatorService
  joinCommands: JoinCommandService
  nodes: NodeService
  status: StatusService
  /** The calls that features answer. */
  answers: OperatorAnswers
}

/**
 * Handlers of the operators' calls. Anybody who may reach the socket is an operator; a call that changes something
 * needs a name.
 */
export const operatorHandlers = (services: Services): Handlers<typeof operatorRoutes> => {
  const { codes, enrolments, joinCommands, nodes, status, answers } = services
  return {
    createCode: (request) => codes.create(request.body, claimedOperator(request)),
    listCodes: ({ query }) => codes.list(query),
    showCode: ({ params }) => codes.show(params.reference),
    revokeCode: (request) =>
      request.query.dryRun === undefined
        ? codes.revoke(request.params.reference, claimedOperator(request))
        : codes.tryRevoke(request.params.reference),
    list: ({ query }) => enrolments.list(query),
    listRows: ({ query }) => enrolments.listRows(query),
    show: ({ params }) => enrolments.show(params.reference),
    approve: (request) =>
      verbsFor(enrolments, request).approve(request.params.reference, request.body, askerOf(request)),
    grant: (request) => enrolments.grant(request.params.reference, request.body, claimedOperator(request)),
    reject: (request) =>
      verbsFor(enrolments, request).reject(request.params.reference, request.body.reason, askerOf(request)),
    release: (request) =>
      verbsFor(enrolments, request).release(request.params.reference, request.body.key, askerOf(request)),
    retry: (request) => verbsFor(enrolments, request).retry(request.params.reference, request.body, askerOf(request)),
    joinCommand: (request) => joinCommands.create(request.body, claimedOperator(request)),
    listNodes: ({ query }) => nodes.list(query),
    holder: ({ params }) => enrolments.holder(params.reference),
    remove: (request) => verbsFor(enrolments, request).remove(request.params.reference, askerOf(request)),
    status: () => status.status(),
    ...answers
  }
}

type Asked = Pick<FastifyRequest, 'headers'> & { query: DecideQuery }

/** The verbs as the query asks for them: carried out, or only tried. */
const verbsFor = (enrolments: OperatorService, { query }: Asked): OperatorService['tried'] =>
  query.dryRun === undefined ? enrolments : enrolments.tried

/** The calling operator, with the look that the query names. Throws `invalid-request`. */
const askerOf = (request: Asked): Asker => {
  const { revision, key } = request.query
  const asker = claimedOperator(request)
  if (revision === undefined && key === undefined) return asker
  if (revision === undefined || key === undefined) {
    throw new ProblemError('invalid-request', { detail: 'revision and key of the query go together' })
  }
  return { ...asker, shown: { revision: Number(revision), key } }
}
