import { ProblemError, type ProblemOptions, type ProblemText } from '@joinery/protocol'
import { ApiException } from '@kubernetes/client-node'
import { callTimeout } from './bounded-config.ts'

/** HTTP status of the API server's answer. Undefined if there was no answer. */
export const statusOf = (error: unknown): number | undefined => (error instanceof ApiException ? error.code : undefined)

/** True if the object that was read is another one by now, or gone: nothing was written. */
export const isConflict = (error: unknown): boolean => [404, 409].includes(statusOf(error) ?? 0)

const setUpAgain = "run joinery-server setup with an administrator's kubeconfig"

/**
 * Longest wait in seconds. A longer one is cut to this: a proxy may say what it likes, and the sweep comes each minute.
 */
const longestWait = 60

/**
 * Does `call`. If the API server cannot be reached, or refuses, it throws `cluster-unavailable` with the reason.
 * `whenDenied` is the remedy if the credential is not enough.
 */
export const explain = async <T>(server: string, call: () => Promise<T>, whenDenied = setUpAgain): Promise<T> => {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof ApiException) {
      const { code, body, headers } = cause
      throw answered(code, statusMessage(body), { retryAfter: headers['retry-after'], whenDenied, cause })
    }
    const text = failure(cause, server)
    throw text === undefined ? cause : new ProblemError('cluster-unavailable', text, { cause })
  }
}

/**
 * Problem for an answer of the API server. If the API server cannot serve now, the problem has `retryAfter`, from the
 * answer's header and within bounds. API Priority and Fairness sends the header with each 429; etcd's troubles come as
 * 500 without it.
 */
export const answered = (
  code: number,
  message: string,
  {
    retryAfter,
    whenDenied = setUpAgain,
    cause
  }: { retryAfter?: string | undefined; whenDenied?: string; cause?: unknown } = {}
): ProblemError => {
  const because = (text: ProblemText, options: ProblemOptions = {}): ProblemError =>
    new ProblemError('cluster-unavailable', text, { cause, ...options })
  if (code === 401) {
    return because({ detail: 'the API server does not accept the credential (401)', remedy: whenDenied })
  }
  if (code === 403) {
    return because({ detail: `the API server forbids it (403): ${message}`, remedy: whenDenied })
  }
  if (code === 429 || code >= 500) {
    const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) : 1
    const wait = Math.min(longestWait, Math.max(1, asked))
    return because({ detail: `the API server cannot serve now (${code}): ${message}` }, { retryAfter: wait })
  }
  return because({ detail: `the API server refuses it (${code}): ${message}` })
}

/** Seconds until the caller may come again, if the API server could not serve. Undefined for any other error. */
export const unservedFor = (error: unknown): number | undefined => {
  if (!(error instanceof ApiException)) return undefined
  return answered(error.code, '', { retryAfter: error.headers['retry-after'] }).retryAfter
}

/**
 * True if the request surely never left this host: no connection was made for it. A connection that was there before may break with some
 * of the same codes, so the call of the system that failed counts.
 */
export const isUnsent = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof ApiException) && isUnconnected(error.cause)

const isUnconnected = (cause: unknown): boolean => {
  // one error for each address of a name
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(isUnconnected)
  if (!(cause instanceof Error)) return false
  if ('syscall' in cause) return ['connect', 'getaddrinfo'].includes(String(cause.syscall))
  const { code } = causeOf({ cause })
  return code === 'UND_ERR_CONNECT_TIMEOUT' || isCertificateCode(code)
}

/** Words in which admission (422) or authorization (403) refused. Undefined for any other error. */
export const refusalMessage = (error: unknown): string | undefined =>
  error instanceof ApiException && [403, 422].includes(error.code) ? statusMessage(error.body) : undefined

/** Words in which the API server refuses a dry run. Undefined if it would allow the request. */
export const refusalOf = async (dryRun: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await dryRun()
    return undefined
  } catch (error) {
    const message = refusalMessage(error)
    if (message === undefined) throw error
    return message
  }
}

/** An answer of the API server that is no success. */
export interface Answer {
  code: number
  message: string
  /** Name of the object that the answer is about. Absent if it is about none. */
  name?: string
}

/** The API server's answer in this error. Undefined if there was no answer. */
export const answerOf = (error: unknown): Answer | undefined => {
  if (!(error instanceof ApiException)) return undefined
  const { details } = statusIn(error.body)
  const name = typeof details === 'object' && details !== null && 'name' in details ? details.name : undefined
  return {
    code: error.code,
    message: statusMessage(error.body),
    ...(typeof name === 'string' && name !== '' && { name })
  }
}

/** The `message` of the Status object in the API server's answer. */
const statusMessage = (body: unknown): string => {
  const { message } = statusIn(body)
  return message === undefined ? 'no reason given' : String(message)
}

const statusIn = (body: unknown): { message?: unknown; details?: unknown } => {
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body
    return typeof status === 'object' && status !== null ? status : {}
  } catch {
    // a proxy's page is no Status object
    return {}
  }
}

/** Explains why there was no answer. Undefined for any other error. The reason is in the client's `cause`. */
const failure = (error: unknown, server: string): ProblemText | undefined => {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'TimeoutError') return { detail: `${server}: no answer within ${callTimeout / 1000} s` }
  // the client for any kind puts what it wanted to know before these words
  if (!(error instanceof TypeError) || !/(^|: )(fetch failed|terminated)$/.test(error.message)) return undefined
  const { code, message } = causeOf(error)
  return { detail: `${server}: ${reasons[code] ?? (isCertificateCode(code) ? untrusted(message) : message)}` }
}

const causeOf = ({ cause }: Pick<Error, 'cause'>): { code: string; message: string } =>
  cause instanceof Error
    ? { code: 'code' in cause ? String(cause.code) : '', message: cause.message }
    : { code: '', message: 'no connection' }

const noAnswer = 'no answer in time'
const closed = 'it closed the connection'
const unresolved = 'its name cannot be resolved'
const noRoute = 'there is no route to it'

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: closed,
  EPIPE: closed,
  UND_ERR_SOCKET: closed,
  ETIMEDOUT: noAnswer,
  UND_ERR_CONNECT_TIMEOUT: noAnswer,
  UND_ERR_HEADERS_TIMEOUT: noAnswer,
  UND_ERR_BODY_TIMEOUT: noAnswer,
  ENOTFOUND: unresolved,
  EAI_AGAIN: unresolved,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute
}

const isCertificateCode = (code: string): boolean => /CERT|VERIFY/.test(code)
const untrusted = (message: string): string => `its certificate is not trusted: ${message}`
