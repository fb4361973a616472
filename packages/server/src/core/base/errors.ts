import { commonCodes, describeEnd } from '@joinery/host/command-end'
import type { Failure } from '@joinery/host/text/failure'
import { ProblemError } from '@joinery/protocol'

/** Explains to a person the error that ended a command of the server, with the exit code. */
export const explain = (error: unknown): Failure & { exitCode: number } =>
  error instanceof ProblemError
    ? { cause: `${error.message} (${error.code})`, remedy: error.text.remedy, exitCode: commonCodes.failure }
    : describeEnd(error)
