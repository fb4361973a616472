import { CommandEnd } from '@joinery/host/command-end'
import { isProblemCode, type Problem, problems } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { exitCodes, NoAnswer, ProblemAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { ConsoleProblem } from './contract.ts'

/** Problems that the console has beside those of the pairing server. */
const own = {
  'not-signed-in': { status: 401, title: 'This browser has not come in by the link' },
  'link-not-accepted': { status: 403, title: 'The link was used, or is too old' },
  'wrong-host': { status: 421, title: 'This console has another address' },
  'wrong-origin': { status: 403, title: 'The request comes from another page' },
  'wrong-method': { status: 405, title: 'There is no such call' },
  'wrong-type': { status: 415, title: 'The request is not JSON' },
  'not-allowed': { status: 403, title: 'You may not do this' },
  'no-answer': { status: 503, title: 'The pairing server does not answer' },
  failed: { status: 500, title: 'It failed' }
} as const
type OwnCode = keyof typeof own

/** A refusal of the console. */
export class Refused extends Error {
  readonly problem: ConsoleProblem

  constructor(problem: ConsoleProblem) {
    super(problem.detail ?? problem.title)
    this.name = 'Refused'
    this.problem = problem
  }
}

type Words = Pick<ConsoleProblem, 'detail' | 'remedy' | 'now'>

/** A refusal by its code: the console's own, or one that the pairing server has too. */
export const refusal = (code: OwnCode | keyof typeof problems, words: Words = {}): Refused =>
  new Refused(problemOf(code, words))

const problemOf = (code: string, words: Words, status = 500): ConsoleProblem => {
  const known = isOwn(code) ? own[code] : isProblemCode(code) ? problems[code] : { status, title: 'It is refused' }
  return { type: `urn:joinery:problem:${code}`, title: known.title, status: known.status, code, ...words }
}

const isOwn = (code: string): code is OwnCode => Object.hasOwn(own, code)

/** The same for a page that has come in. Its commands go the way of the console, which is nobody's business before. */
export const toldProblem = (error: unknown, { told }: Pick<Terminal, 'told'>): ConsoleProblem => {
  const { remedy, ...problem } = problemFrom(error)
  return { ...problem, ...(remedy !== undefined && { remedy: told(remedy) }) }
}

/** The problem that tells the page of an error. An error that nobody foresaw keeps its text to itself. */
export const problemFrom = (error: unknown): ConsoleProblem => {
  if (error instanceof Refused) return error.problem
  if (error instanceof AggregateError) return problemOfAll(error.errors)
  if (!(error instanceof CommandEnd)) return problemOf('internal', {})
  const words = given({ detail: error.message, remedy: error.remedy })
  if (error instanceof ProblemAnswer) return problemOf(error.code, words, error.status)
  if (error instanceof NoAnswer || error.exitCode === exitCodes.timeout) return problemOf('no-answer', words)
  return problemOf(error.exitCode === exitCodes.denied ? 'not-allowed' : 'failed', words)
}

/** The problem of the first error, with the words of all: a later one says what is left of the deed. */
const problemOfAll = (errors: readonly unknown[]): Problem => {
  const all = errors.map(problemFrom)
  const [first = problemOf('internal', {})] = all
  const join = (key: 'detail' | 'remedy'): string => all.flatMap((problem) => problem[key] ?? []).join('\n')
  return { ...first, ...given({ detail: join('detail') || undefined, remedy: join('remedy') || undefined }) }
}
