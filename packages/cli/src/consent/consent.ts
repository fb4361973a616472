import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const addYes = 'if that is what you want, add --yes'

/** The terminal's question. Throws if nobody is there to answer. `cause`: the text of that error. */
export const requireAsk = (
  cause: string,
  { ask }: Pick<Terminal, 'ask'>,
  remedy = addYes
): NonNullable<Terminal['ask']> => {
  if (ask !== undefined) return ask
  throw new CommandEnd(exitCodes.usage, `${cause}; there is no terminal to ask on`, remedy)
}

/** Asks, and throws unless the answer is yes. `otherwise`: the thing that is not done then. */
export const requireConsent = async (
  question: string,
  otherwise: string,
  terminal: Pick<Terminal, 'ask'>
): Promise<void> => {
  const answer = await requireAsk(otherwise, terminal)(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandEnd(exitCodes.failure, otherwise)
}
