import { type Failure, systemFailure } from './text/failure.ts'

/**
 * The exit codes that all three programs have. Each program adds its own. docs/reference/exit-codes.md has an example
 * of each.
 */
export const commonCodes = { ok: 0, failure: 1, usage: 2 } as const

/** Ends a command: the cause in plain words, what to do about it, and the exit code. No secret is ever in it. */
export class CommandEnd extends Error {
  readonly exitCode: number
  /** A list if there are several causes. */
  readonly causes: string | readonly string[]
  readonly remedy: string | undefined

  constructor(exitCode: number, causes: string | readonly string[], remedy?: string, options?: ErrorOptions) {
    super([causes].flat().join('\n'), options)
    this.name = 'CommandEnd'
    this.exitCode = exitCode
    this.causes = causes
    this.remedy = remedy
  }
}

/** The text for a person about the error that ended a command, and its exit code. */
export const describeEnd = (error: unknown): Failure & { exitCode: number } => {
  if (error instanceof CommandEnd) return { cause: error.causes, remedy: error.remedy, exitCode: error.exitCode }
  const failure = systemFailure(error) ?? { cause: error instanceof Error ? error.message : String(error) }
  return { ...failure, exitCode: commonCodes.failure }
}
