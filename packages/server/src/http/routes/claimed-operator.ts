import { isOperatorName, operatorHeader, ProblemError } from '@joinery/protocol'
import type { FastifyRequest } from 'fastify'

/**
 * Name that the calling operator claims. Undefined if the request has none. Throws `invalid-request` if the text is no
 * name.
 */
export const claimedOperator = ({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined => {
  const claimed = headers[operatorHeader]
  if (claimed === undefined || (typeof claimed === 'string' && isOperatorName(claimed))) return claimed
  throw new ProblemError('invalid-request', { detail: `the header ${operatorHeader} is not like: alice (uid 1000)` })
}
