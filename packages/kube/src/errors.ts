import { ProblemError, type ProblemOptions, type ProblemText } from '@joinery/protocol'
import { ApiException } from '@kubernetes/client-node'
import { callTimeout } from './bounded-config.ts'

/** HTTP status that the API server answered; undefined where there was no answer. */
export const statusOf = (error: unknown): number | undefined => (error instanceof ApiException ? error.code : undefined)

/** What was read is another one by now, or gone: nothing was written. */
export const isConflict = (error: unknown): boolean => [404, 409].includes(statusOf(error) ?? 0)

const setUpAgain = "run joinery-server setup with an administrator's kubeconfig"

/** Seconds. Who asks for more is not heard any further: a proxy may say what it likes, and the sweep comes each minute. */
const longestWait = 60

/**
 * Does `call`; a failure to reach the API server, or its refusal, becomes `cluster-unavailable` with the reason.
 * `whenDenied`: what to do where the credential is not enough.
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
 * The problem that an answer of the API server is, and its `retryAfter` where that cannot serve now: as its header says, within
 * bounds; API Priority and Fairness says it with each 429, and etcd's troubles come as 500 without.
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

/** After how many seconds whoever was answered so is to come again; undefined where it is another error. */
export const unservedFor = (error: unknown): number | undefined => {
  if (error instanceof ApiException) {
    return answered(error.code, '', { retryAfter: error.headers['retry-after'] }).retryAfter
  }
  // of a watch, which client-node opens by itself
  return error instanceof Error && 'statusCode' in error ? answered(Number(error.statusCode), '').retryAfter : undefined
}

/** The words in which admission (422) or authorization (403) said no; undefined where it is another error. */
export const refusalMessage = (error: unknown): string | undefined =>
  error instanceof ApiException && [403, 422].includes(error.code) ? statusMessage(error.body) : undefined

/** What a dry run is answered: the words of the refusal, or undefined where it would be let through. */
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

/** `message` of the Status object that the API server answers with. */
const statusMessage = (body: unknown): string => {
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message)
  } catch {
    // a proxy's page is no Status object
  }
  return 'no reason given'
}

/** Why there was no answer, or undefined where the error is another one. What went wrong is in the client's `cause`. */
const failure = (error: unknown, server: string): ProblemText | undefined => {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'TimeoutError') return { detail: `${server}: no answer within ${callTimeout / 1000} s` }
  // the client for any kind says before it what it wanted to know
  if (!(error instanceof TypeError) || !/(^|: )(fetch failed|terminated)$/.test(error.message)) return undefined
  const { code, message } = causeOf(error)
  return { detail: `${server}: ${reasons[code] ?? (isCertificateCode(code) ? untrusted(message) : message)}` }
}

const causeOf = ({ cause }: Error): { code: string; message: string } =>
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
