import { CommandEnd } from '@joinery/host/command-end'
import { type Answer, answerOf, explain, setupRemedy as setup } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { ProblemError } from '@joinery/protocol'
import { exitCodes, NoAnswer } from '../terminal/errors.ts'

/** Most characters that are shown of a text by the API server. */
const longest = 512

const whoAmI = 'kubectl auth whoami'

/** Remedy if the cluster lacks what `joinery-server setup` makes. */
export const setupRemedy = `on the host of the pairing server: ${setup}`

/**
 * The error that ends a command after a call to the API server failed, in plain words and with the exit code of the same failure
 * over the socket.
 */
export const explainAnswer = async (error: unknown, server: string): Promise<CommandEnd> => {
  if (error instanceof CommandEnd) return error
  const cause = { cause: error }
  const answer = answerOf(error)
  if (answer !== undefined) return refused(answer, cause)
  if (error instanceof Error && error.name === 'TimeoutError') {
    const text = `no answer of the API server ${server} in time`
    return new NoAnswer(exitCodes.timeout, text, 'kubectl version', cause)
  }
  const reason = await explain(server, () => Promise.reject(error)).catch((one: unknown) => one)
  if (reason instanceof ProblemError) return new NoAnswer(exitCodes.failure, reason.message, 'kubectl version', cause)
  return new CommandEnd(exitCodes.failure, unforeseen(reason, server), whoAmI, cause)
}

/** True if the API server may have carried out the request all the same, or may yet do it. It never does after a 429. */
export const mayHappen = (error: unknown): boolean => error instanceof NoAnswer && answerOf(error.cause)?.code !== 429

/** An answer of the API server that is no success. */
const refused = (answer: Answer, cause: ErrorOptions): CommandEnd => {
  const { code, name } = answer
  const message = answer.message.slice(0, longest)
  if (code === 401) {
    const text = 'the API server does not accept your credential (401)'
    return new CommandEnd(exitCodes.denied, text, whoAmI, cause)
  }
  const denied = deniedWords(code, message)
  if (denied !== undefined) {
    const remedy = `ask an administrator of the cluster for the right; to see who you are: ${whoAmI}`
    return new CommandEnd(exitCodes.denied, denied, remedy, cause)
  }
  if (code === 404) {
    return name === undefined
      ? new CommandEnd(
          exitCodes.failure,
          `the cluster does not serve ${doorGroup}/${doorVersion} (404)`,
          setupRemedy,
          cause
        )
      : new CommandEnd(exitCodes.notFound, `the cluster has no ${name}`, undefined, cause)
  }
  if (code === 429 || code >= 500) {
    return new NoAnswer(exitCodes.failure, `the API server cannot serve now (${code}): ${message}`, undefined, cause)
  }
  const exitCode =
    code === 409 ? exitCodes.conflict : code === 400 || code === 422 ? exitCodes.usage : exitCodes.failure
  return new CommandEnd(exitCode, `the API server refuses it (${code}): ${message}`, undefined, cause)
}

/** Says who may not do what, in the words of the admission policy or of RBAC. Undefined if it is not about a right. */
const deniedWords = (code: number, message: string): string | undefined => {
  // a policy answers with 422, and with 403 if its reason is Forbidden
  const [, byPolicy] = /denied request: (.+)$/s.exec(message) ?? []
  if (byPolicy !== undefined && (code === 422 || code === 403)) return byPolicy
  if (code !== 403) return undefined
  const [, user, verb, resource, group] =
    /User "([^"]*)" cannot (\S+) resource "([^"]*)"(?: in API group "([^"]*)")?/.exec(message) ?? []
  if (user === undefined) return `the API server forbids it (403): ${message}`
  return `${user} may not ${verb} ${resource}${group ? `.${group}` : ''}`
}

/** Words for an error that nobody foresaw, such as that of a program which the kubeconfig names for the credential. */
const unforeseen = (error: unknown, server: string): string => {
  // what cannot be parsed may be a credential, and the parser quotes it
  if (!(error instanceof Error) || error instanceof SyntaxError || error instanceof TypeError) {
    return `the answer is not one of an API server: ${server}`
  }
  return `your credential for ${server} cannot be had: ${error.message.trim().slice(0, longest) || 'no reason given'}`
}
