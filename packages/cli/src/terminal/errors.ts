import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import type { Problem } from '@joinery/protocol'

/** docs/reference/exit-codes.md has an example of each. */
export const exitCodes = { ...commonCodes, notFound: 3, denied: 4, timeout: 5, conflict: 6, checkFails: 7 } as const

/** The pairing server gave no answer: it is away, hangs, or is about to end. */
export class NoAnswer extends CommandEnd {}

/** An end whose cause has a stable code. */
export class CodedEnd extends CommandEnd {
  readonly code: string

  constructor(exitCode: number, code: string, cause: string, remedy?: string) {
    super(exitCode, cause, remedy)
    this.name = 'CodedEnd'
    this.code = code
  }
}

/** The server refused: RFC 9457 problem details with the stable `code`. */
export class ProblemAnswer extends CodedEnd {
  readonly status: number

  constructor(problem: Problem) {
    super(exitCodeOf(problem.status), problem.code, problem.detail ?? problem.title, problem.remedy)
    this.name = 'ProblemAnswer'
    this.status = problem.status
  }
}

/** True if the same request may succeed later. */
export const isOutage = (error: unknown): error is CommandEnd =>
  error instanceof NoAnswer || (error instanceof ProblemAnswer && error.status >= 500)

const byStatus: Record<number, number> = {
  400: exitCodes.usage,
  401: exitCodes.denied,
  403: exitCodes.denied,
  404: exitCodes.notFound,
  409: exitCodes.conflict
}

const exitCodeOf = (status: number): number => byStatus[status] ?? exitCodes.failure
