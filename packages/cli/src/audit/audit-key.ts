import { readFile } from 'node:fs/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { LogProblem, readVerifierKey, type Verifier, verifierKey } from '@joinery/tlog'
import { exitCodes } from '../terminal/errors.ts'

/** Reads the public key of the logs of a server: the text itself, or a file with it. Throws if it is none. */
export const readAuditKey = async (typed: string): Promise<Verifier> => {
  const text = typed.includes('+') ? typed : await readFile(typed, 'utf8').catch(() => '')
  try {
    return readVerifierKey(text.trim())
  } catch (error) {
    if (!(error instanceof LogProblem)) throw error
    throw new CommandEnd(
      exitCodes.usage,
      'this is no public key of an audit log',
      'sudo joinery audit key, on the host of the pairing server, prints it'
    )
  }
}

/**
 * The key of one log. The key of a server is that of each of its logs, under the name of the log: `ORIGIN/2026`. Undefined if the
 * origin is not one of that server's.
 */
export const keyOfLog = ({ name, key }: Verifier, origin: string): string | undefined =>
  origin === name || origin.startsWith(`${name}/`) ? verifierKey(origin, key) : undefined
