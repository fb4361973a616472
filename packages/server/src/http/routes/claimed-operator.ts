import { isOperatorName, operatorHeader, ProblemError } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'
import type { Asker } from '../../enrolment/decision/decision.ts'

/**
 * The calling operator, with the name that they claim. The name is absent if the request has none. Throws `invalid-request` if
 * the text is no name.
 */
export const claimedOperator = ({ headers }: Pick<FastifyRequest, 'headers'>): Asker => {
  const claimed = headers[operatorHeader]
  if (claimed === undefined) return {}
  if (typeof claimed === 'string' && isOperatorName(claimed)) return { by: claimed }
  throw new ProblemError('invalid-request', { detail: `the header ${operatorHeader} is not like: alice (uid 1000)` })
}
