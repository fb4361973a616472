import { type Failure, systemFailure } from '@joinery/host/text/failure.ts'

/** docs/reference/exit-codes.md has an example of each. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, checkFails: 3 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends a command: the cause in plain words, what to do about it, and the exit code. Secrets are never in it. */
export class CommandEnd extends Error {
  readonly exitCode: ExitCode
  /** A list where there are several. */
  readonly causes: string | readonly string[]
  readonly remedy: string | undefined

  constructor(exitCode: ExitCode, causes: string | readonly string[], remedy?: string) {
    super([causes].flat().join('\n'))
    this.causes = causes
    this.name = 'CommandEnd'
    this.exitCode = exitCode
    this.remedy = remedy
  }
}

/** What a person reads of whatever ended a command, and its exit code. */
export const explain = (error: unknown): Failure & { exitCode: ExitCode } => {
  if (error instanceof CommandEnd) return { cause: error.causes, remedy: error.remedy, exitCode: error.exitCode }
  const failure = systemFailure(error) ?? { cause: error instanceof Error ? error.message : String(error) }
  return { ...failure, exitCode: exitCodes.failure }
}
