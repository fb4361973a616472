import { ProblemError } from '@joinery/protocol'
import { ProblemAnswer } from '../terminal/errors.ts'

/** Does `work`. An error that the cluster's side foresaw ends the command as a server's answer would. */
export const withExitCode = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ProblemError ? new ProblemAnswer(error.body) : error
  }
}
