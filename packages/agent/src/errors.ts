/** docs/reference/exit-codes.md has an example of each. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, checkFails: 3 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends a command: the cause in plain words, what to do about it, and the exit code. Secrets are never in it. */
export class CommandEnd extends Error {
  readonly exitCode: ExitCode
  readonly remedy: string | undefined

  constructor(exitCode: ExitCode, message: string, remedy?: string) {
    super(message)
    this.name = 'CommandEnd'
    this.exitCode = exitCode
    this.remedy = remedy
  }
}
