import type { IncomingMessage } from 'node:http'
import { type ProblemCode, ProblemError, problems } from '@joinery/protocol'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Refusals } from '../../core/services/refusals.ts'
import { wantHost } from './unread-requests.ts'

/**
 * Makes every error of a request that could be read leave as an RFC 9457 problem, which `refusals` counts. The text of an unexpected error
 * goes to the log, never into an answer.
 */
export const answerProblems = (app: FastifyInstance, refusals?: Refusals): void => {
  wantHost(app)
  const answer = problemAnswer(refusals)
  app.setErrorHandler(async (error: FastifyError | ProblemError, request, reply) => {
    // who still sends does not read: a connection that closes under it takes the answer along
    if (toProblem(error).code === 'too-large') await readAway(request.raw)
    answer(error, request, reply)
    return reply
  })
  app.setNotFoundHandler((request) => {
    throw new ProblemError('not-found', { detail: `there is no ${request.method} ${request.url.slice(0, 100)}` })
  })
}

/**
 * Handler of one error. An app needs it as its option `frameworkErrors` too: a path that the router cannot read does
 * not come to the error handler.
 */
export const problemAnswer =
  (refusals?: Refusals) =>
  (error: FastifyError | ProblemError, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = toProblem(error)
    refusals?.count(problem.code)
    if (isFault(problem)) request.log.error({ err: error }, problem.code)
    const { body, retryAfter } = problem
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
    reply.code(body.status).type('application/problem+json').send(body)
  }

/** True if somebody should look. A server that stands by, or cannot sign its statement, says so itself, once. */
const isFault = ({ code }: ProblemError): boolean =>
  problems[code].status >= 500 && code !== 'not-active' && code !== 'no-statement'

const toProblem = (error: FastifyError | ProblemError): ProblemError => {
  if (error instanceof ProblemError) return error
  if (error.validation !== undefined) return new ProblemError('invalid-request', { detail: inWords(error) })
  const fault = pathFaults[error.code]
  if (fault !== undefined) return new ProblemError('invalid-request', { detail: fault })
  const code = frameworkCodes[error.statusCode ?? 500]
  return code === undefined ? new ProblemError('internal') : new ProblemError(code, { detail: error.message })
}

const frameworkCodes: Record<number, ProblemCode> = {
  400: 'invalid-request',
  404: 'not-found',
  413: 'too-large',
  415: 'invalid-request',
  429: 'too-many-requests'
}

/** Faults of a path, in words that do not repeat the path: it may be long, and anybody may have written it. */
const pathFaults: Record<string, string> = {
  FST_ERR_BAD_URL: 'the path is not URL-encoded text',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is too long'
}

/** Words for the validator's first problem. They name the field, but not the part of the request that has it. */
const inWords = ({ validation = [], message }: FastifyError): string => {
  const [first] = validation
  if (first === undefined) return message
  const field = first.instancePath.split('/').slice(1).join('.') || 'the request'
  const limit = Number(first.params.limit)
  if (first.keyword === 'minLength' && limit === 1) return `${field} is empty`
  if (first.keyword === 'maxLength') return `${field} has more than ${limit} characters`
  if (first.keyword === 'enum') return `${field} must be ${(first.params.allowedValues as unknown[]).join(' or ')}`
  return `${field} ${first.message ?? 'does not fit'}`
}

/**
 * Bytes of a body that is too large that are still taken and thrown away. Beyond it the peer has to do without an answer. The guard of the
 * agents' port cuts a connection that sends as much.
 */
const readAwayAtMost = 128 * 1024

/** Reads a body to its end and keeps nothing of it, up to a bound. The time is that of each request. */
const readAway = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > readAwayAtMost || request.complete) return resolve()
    let left = readAwayAtMost
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) resolve()
    })
    request.once('end', resolve).once('close', resolve)
    request.resume()
  })
