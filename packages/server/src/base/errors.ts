import { commonCodes, describeEnd } from '@joinery/host/command-end'
import type { Failure } from '@joinery/host/text/failure'
import { ProblemError } from '@joinery/protocol'

/** What a person reads of whatever ended a command of the server, and its exit code. */
export const explain = (error: unknown): Failure & { exitCode: number } =>
  error instanceof ProblemError
    ? { cause: `${error.message} (${error.code})`, remedy: error.text.remedy, exitCode: commonCodes.failure }
    : describeEnd(error)
