import { isProblemCode, ProblemError, type ProblemText, problems } from '@joinery/protocol'
import { ProblemAnswer } from '../terminal/errors.ts'

/**
 * The answer that the server would give over the socket. A code that this version does not know is a conflict: the server refused,
 * and nothing happened.
 */
export const problemAnswer = (code: string, text: ProblemText): ProblemAnswer => {
  const { status, title } = isProblemCode(code) ? problems[code] : { status: 409, title: 'The server refused it' }
  return new ProblemAnswer({ type: `urn:joinery:problem:${code}`, title, status, code, ...text })
}

/** Does `work`, whose problem is the answer that the server would give. */
export const asAnswer = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw error instanceof ProblemError ? problemAnswer(error.code, error.text) : error
  }
}
