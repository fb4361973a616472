import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, fingerprintDigits, isFingerprintOf } from '@joinery/protocol'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { requireAsk } from './consent.ts'

/**
 * Asks for the key that the machine's console shows, because the server may show a machine of its own. Throws unless it
 * is the key of `shown`. `done`: the thing that is not done then, as `granted`.
 */
export const requireTypedKey = async (
  { name, key }: SeenEnrolmentDetail,
  done: string,
  terminal: Terminal
): Promise<void> => {
  const ask = requireAsk(`nothing is ${done}`, terminal, 'give the key that its console shows: --key KEY')
  terminal.err(`${escapeText(name)} gets the keys of the cluster: anybody who has them can be anybody in it.\n`)
  const typed = await ask(`Type the key that the console of ${escapeText(name)} shows: `)
  const digits = fingerprintDigits(typed)
  if (digits !== undefined && isFingerprintOf(digits, key)) return
  throw digits === undefined
    ? new CommandEnd(
        exitCodes.failure,
        `nothing is ${done}: that is no key, because a key has at least 20 hex digits`,
        'on the machine: joinery-agent status'
      )
    : new CommandEnd(
        exitCodes.failure,
        `nothing is ${done}: the machine that the server shows as ${name} has another key`,
        `if you typed what the console shows, somebody is in between: joinery reject ${name} --reason ...`
      )
}
