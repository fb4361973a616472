import { CommandError, exitCodes } from './errors.ts'
import type { Terminal } from './terminal.ts'

/** Asks, and throws unless the answer is yes. `otherwise`: what is not done then. */
export const requireConsent = async (
  question: string,
  otherwise: string,
  { ask }: Pick<Terminal, 'ask'>
): Promise<void> => {
  if (ask === undefined) {
    throw new CommandError(
      exitCodes.usage,
      `${otherwise}: there is no terminal to ask on`,
      'if that is what you want, add --yes'
    )
  }
  const answer = await ask(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError(exitCodes.failure, otherwise)
}
