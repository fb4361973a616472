import { answerOf, type Connection, explain, isUnsent, type LiveConnection, statusOf, unservedFor } from '@joinery/kube'
import { policies } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { NotDone, OutcomeUnknown, type Refuser } from '../../../core/ports/log/log-objects.ts'

/** The name by which the API server knows who wrote a field. */
export const fieldManager = 'joinery-server'

/**
 * Does `work` with the connection by what the kubeconfig holds now. It rejects with `NotDone` or `OutcomeUnknown`, and with nothing
 * else.
 */
export const callFor = async <T>(
  connection: LiveConnection['connection'],
  work: (api: Connection) => Promise<T>
): Promise<T> => {
  let api: Connection
  try {
    api = connection()
  } catch (cause) {
    throw new NotDone(messageOf(cause), { cause })
  }
  try {
    return await work(api)
  } catch (error) {
    throw await outcomeOf(api.server, error)
  }
}

/** The error by what became of the call. What nobody knows counts as unknown. */
const outcomeOf = async (server: string, error: unknown): Promise<NotDone | OutcomeUnknown> => {
  if (error instanceof NotDone || error instanceof OutcomeUnknown) return error
  const message = await wordsOf(server, error)
  // the error of an answer has all of its body, which may be the whole object
  const cause = answerOf(error) === undefined ? { cause: error } : {}
  if (isFull(error)) return new OutcomeUnknown(`etcd is full: ${message}`, { ...cause, isOver: true })
  return isUnsent(error) || isRefused(error)
    ? new NotDone(message, { ...cause, ...given({ retryAfter: unservedFor(error), refuser: refuserIn(error) }) })
    : new OutcomeUnknown(message, cause)
}

/** Words of a 500 after which nothing was written: admission comes before each write. */
const unwritten = /failed calling webhook/

/**
 * True if etcd has no room. It writes the request that makes it full, and answers that as one that it did not write
 * (quotaApplierV3 of v3.7.0, server/etcdserver/apply/quota.go).
 */
const isFull = (error: unknown): boolean => {
  const answer = answerOf(error)
  return answer?.code === 500 && answer.message.includes('database space exceeded')
}

const isRefused = (error: unknown): boolean => {
  const answer = answerOf(error)
  if (answer === undefined) return false
  const { code, message } = answer
  return (code >= 400 && code < 500) || refuserIn(error) !== undefined || (code === 500 && unwritten.test(message))
}

/** Somebody's webhook or policy that refused the request. It may refuse with any code. */
export const refuserIn = (error: unknown): Refuser | undefined => {
  const answer = answerOf(error)
  return answer && refuserOf(answer.message)
}

/** Plain words for the error, cut, since a refusal may quote the whole object. */
const wordsOf = async (server: string, error: unknown): Promise<string> => {
  if (error instanceof Error && error.name === 'TimeoutError') return `${server}: no answer in time`
  try {
    return await explain<string>(server, () => Promise.reject(error))
  } catch (cause) {
    return bothEnds(messageOf(cause))
  }
}

/** Beginning and end of the text: a refusal quotes the whole object between the two. */
const bothEnds = (text: string): string =>
  text.length <= 2 * kept ? text : `${text.slice(0, kept)} ... ${text.slice(-kept)}`

const kept = 250

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * True for an object that is not there. A kind that the API server does not serve has a 404 that names no object. A webhook may refuse with
 * any code, and with a name.
 */
export const isAbsent = (error: unknown): boolean => {
  const answer = answerOf(error)
  return answer?.code === 404 && answer.name !== undefined && refuserIn(error) === undefined
}

/** True if another version of the object is there, or one with its name. */
export const isTaken = (error: unknown): boolean => statusOf(error) === 409 && refuserIn(error) === undefined

// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/: a domain name
const name = '([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)'

/** Beginnings of messages of the API server (v1.37.2). What follows is a stranger's text, and says nothing. */
const byWebhook = [
  new RegExp(`^(?:Internal error occurred: )?failed calling webhook "${name}": `),
  new RegExp(`^admission webhook "${name}" denied the request(?::| without explanation)`)
]
const byPolicy = new RegExp(
  `^[-.a-z0-9]+ "[-.a-z0-9]*" is (?:forbidden|invalid): (?:: )?ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: `
)

/**
 * Somebody's webhook or policy that refused a request, by the message of the API server. Undefined if it was none of them, or a policy
 * that `joinery-server setup` makes.
 */
export const refuserOf = (message: string): Refuser | undefined => {
  const policy = byPolicy.exec(message)?.[1]
  if (policy !== undefined) return isOwn(policy) ? undefined : { is: 'policy', name: policy }
  const webhook = byWebhook.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined)
  return webhook === undefined ? undefined : { is: 'webhook', name: webhook }
}

const isOwn = (policy: string): boolean => policies.some((own) => own === policy)
