import { type Failure, systemFailure } from '@joinery/host/text/failure.ts'
import { ProblemError } from '@joinery/protocol'

/** docs/reference/exit-codes.md has an example of each. */
export const exitCodes = { ok: 0, failure: 1, usage: 2 } as const

/** Ends a command: the cause in plain words, and what to do about it. */
export class CommandEnd extends Error {
  readonly exitCode: number = exitCodes.failure
  /** A list where there are several. */
  readonly causes: string | readonly string[]
  readonly remedy: string | undefined

  constructor(causes: string | readonly string[], remedy?: string, options?: ErrorOptions) {
    super([causes].flat().join('\n'), options)
    this.causes = causes
    this.remedy = remedy
  }
}

/** What a person reads of whatever ended a command, and its exit code. */
export const explain = (error: unknown): Failure & { exitCode: number } => {
  if (error instanceof CommandEnd) return { cause: error.causes, remedy: error.remedy, exitCode: error.exitCode }
  const exitCode = exitCodes.failure
  if (error instanceof ProblemError) {
    return { cause: `${error.message} (${error.code})`, remedy: error.text.remedy, exitCode }
  }
  return { ...(systemFailure(error) ?? { cause: error instanceof Error ? error.message : String(error) }), exitCode }
}
