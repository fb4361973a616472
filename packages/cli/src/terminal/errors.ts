import type { Problem } from '@joinery/protocol'

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  timeout: 5,
  conflict: 6,
  checkFails: 7
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the command: the cause in plain words, what to do about it, and the exit code. */
export class CommandError extends Error {
  readonly exitCode: ExitCode
  readonly remedy: string | undefined

  constructor(exitCode: ExitCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.exitCode = exitCode
    this.remedy = remedy
  }
}

/** No answer of a pairing server came: it is away, hangs, or is about to end. */
export class NoAnswer extends CommandError {}

/** The server refused: RFC 9457 problem details with the stable `code`. */
export class ProblemAnswer extends CommandError {
  readonly code: string
  readonly status: number

  constructor(problem: Problem) {
    super(exitCodeOf(problem.status), problem.detail ?? problem.title, problem.remedy)
    this.name = 'ProblemAnswer'
    this.code = problem.code
    this.status = problem.status
  }
}

/** The request is not to blame: the same one may succeed later. */
export const isOutage = (error: unknown): error is CommandError =>
  error instanceof NoAnswer || (error instanceof ProblemAnswer && error.status >= 500)

const byStatus: Record<number, ExitCode> = {
  400: exitCodes.usage,
  401: exitCodes.denied,
  403: exitCodes.denied,
  404: exitCodes.notFound,
  409: exitCodes.conflict
}

const exitCodeOf = (status: number): ExitCode => byStatus[status] ?? exitCodes.failure
