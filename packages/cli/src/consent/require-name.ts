import { CommandEnd } from '@joinery/host/command-end'
import { escapeText } from '@joinery/protocol'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { requireAsk } from './consent.ts'

/** What is to happen to `name`, and the verb for it. */
export interface Consent {
  warning: string
  name: string
  verb: string
}

/** Only who types the name agrees: a `y` is typed before one has read. */
export const requireName = async ({ warning, name, verb }: Consent, terminal: Terminal): Promise<void> => {
  const ask = requireAsk(warning, terminal)
  terminal.err(`${escapeText(warning)}.\n`)
  const typed = await ask(`Type ${escapeText(name)} to ${verb} it: `)
  if (typed.trim() !== name) {
    const remedy = `if you want it, type ${name} when you are asked, or add --yes`
    throw new CommandEnd(exitCodes.failure, `nothing is changed: that was not ${name}`, remedy)
  }
}
