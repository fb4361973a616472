import { type DecideQuery, ProblemError } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import type { Asker } from '../../../core/enrolment/decision/decision.ts'
import type { OperatorService } from '../../../core/services/operator-service.ts'
import { claimedOperator } from './claimed-operator.ts'

type Asked = Pick<FastifyRequest, 'headers'> & { query: DecideQuery }

/** The verbs as the query asks for them: carried out, or only tried. */
export const verbsFor = (enrolments: OperatorService, { query }: Asked): OperatorService['tried'] =>
  query.dryRun === undefined ? enrolments : enrolments.tried

/** The calling operator, with the look that the query names. Throws `invalid-request`. */
export const askerOf = (request: Asked): Asker => {
  const { revision, key } = request.query
  const asker = claimedOperator(request)
  if (revision === undefined && key === undefined) return asker
  if (revision === undefined || key === undefined) {
    throw new ProblemError('invalid-request', { detail: 'revision and key of the query go together' })
  }
  return { ...asker, shown: { revision: Number(revision), key } }
}
