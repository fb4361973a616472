import { agentRoutes, ProblemError, type StatementAnswer, statementHeader } from '@joinery/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CurrentStatement } from '../../core/trust/statements.ts'

/** Says with each answer to an agent the digest of the present statement, if there is one. An agent fetches what it does not know. */
export const sayStatement = (app: FastifyInstance, statements: CurrentStatement): void => {
  // just before it is sent: a poll waits for a minute
  app.addHook('onSend', (_, reply, _payload, next) => {
    const { current } = statements
    if (current !== undefined) reply.header(statementHeader, current.digest)
    next()
  })
}

/** The answer of `GET /v1/statement`. Throws `no-statement`. */
export const statementAnswer = ({ current }: CurrentStatement): StatementAnswer => {
  if (current !== undefined) return current.answer
  throw new ProblemError(
    'no-statement',
    { remedy: 'on the host of the server: joinery-server setup' },
    { retryAfter: 10 }
  )
}

/** True for a request for the statement, by the route that matched: servers that stand by answer it, too. */
export const asksForStatement = ({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): boolean =>
  routeOptions.url === agentRoutes.statement.path
