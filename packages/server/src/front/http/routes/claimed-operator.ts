import { isOperatorName, operatorHeader, ProblemError } from '@joinery/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Asker } from '../../../core/enrolment/decision/decision.ts'

/** Refuses a request whose operator claims what is no name, if there is such a call at all. */
export const requireOperatorName = (app: FastifyInstance): void => {
  app.addHook('preValidation', ({ headers }, _, next) => {
    const claimed = headers[operatorHeader]
    if (claimed === undefined || (typeof claimed === 'string' && isOperatorName(claimed))) return next()
    next(new ProblemError('invalid-request', { detail: `the header ${operatorHeader} is not like: alice (uid 1000)` }))
  })
}

/** The calling operator, with the name that they claim. The name is absent if the request has none. */
export const claimedOperator = ({ headers }: Pick<FastifyRequest, 'headers'>): Asker => {
  const claimed = headers[operatorHeader]
  return typeof claimed === 'string' ? { by: claimed } : {}
}
