import { CommandEnd } from '@joinery/host/command-end'
import { escapeText } from '@joinery/protocol'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { requireAsk } from './consent.ts'

/** Something that happens to `name` if a person agrees, and the verb for it. */
export interface Consent {
  warning: string
  name: string
  verb: string
  /** Object of the verb in words. `it` if absent. */
  object?: string
}

/** Makes the person type the name, because people type `y` before they have read. */
export const requireName = async (
  { warning, name, verb, object = 'it' }: Consent,
  terminal: Terminal
): Promise<void> => {
  const ask = requireAsk(warning, terminal)
  terminal.err(`${escapeText(warning)}.\n`)
  const typed = await ask(`Type ${escapeText(name)} to ${verb} ${object}: `)
  if (typed.trim() !== name) {
    const remedy = `if you want it, type ${name} when you are asked, or add --yes`
    throw new CommandEnd(exitCodes.failure, `nothing is changed: that was not ${name}`, remedy)
  }
}
