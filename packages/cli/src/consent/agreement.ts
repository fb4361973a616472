import { CommandEnd } from '@joinery/host/command-end'
import { type EnrolmentDetail, escapeText, isFingerprintOf } from '@joinery/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import { describeEvidence } from '../output/enrolment/describe-evidence.ts'
import { evidence } from '../output/enrolment/evidence.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { requireAsk, requireConsent } from './consent.ts'
import { parseFingerprint } from './fingerprint-option.ts'
import { requireTypedKey } from './typed-key.ts'

/** By which a person agrees to a look of their own, without being asked. */
export interface Agreement {
  /** Digits of the key. */
  key?: string
  revision?: number
  /** To whatever is there. */
  yes?: true
}

const parseRevision = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('give the number that joinery show prints.')
}

export const addAgreementOptions = (command: Command): Command =>
  command
    .option('--key <key>', 'only the machine with this key, as its console or joinery show prints it', parseFingerprint)
    .option('--revision <number>', 'only what joinery show has shown as this revision', parseRevision)
    .option('--yes', 'do not ask')

/** True where nothing is to be asked. */
export const isAgreed = ({ key, revision, yes }: Agreement): boolean =>
  key !== undefined || revision !== undefined || yes === true

/**
 * Before the server is asked: throws where `given` is for one machine and there are several, and where nobody has agreed and
 * nobody can be asked. `done`: as `approved`.
 */
export const requireAgreeable = (
  names: readonly string[],
  given: Agreement,
  done: string,
  terminal: Pick<Terminal, 'ask'>
): void => {
  if (names.length > 1 && (given.key !== undefined || given.revision !== undefined)) {
    throw new CommandEnd(exitCodes.usage, '--key and --revision are for one machine at a time', 'give one name')
  }
  if (isAgreed(given)) return
  const look = 'joinery show NAME prints the command with --revision and --key; --yes takes whatever is there'
  requireAsk(`nothing is ${done}`, terminal, look)
}

export interface Question {
  /** What is to be done, as `approve` and `approved`. */
  verb: string
  done: string
  /** What the operator calls the machine. */
  reference: string
  given: Agreement
  /** The keys of the cluster go to it: no yes will do, but the key that its console shows. */
  grants?: boolean
}

/**
 * Returns where a person agrees to exactly this look: was asked below the evidence, or has named what it shows beforehand.
 * Throws where the answer is another one, or where it is not what was named.
 */
export const requireAgreement = async (
  shown: EnrolmentDetail,
  { verb, done, reference, given, grants = false }: Question,
  terminal: Terminal
): Promise<void> => {
  requireNamed(shown, given, reference)
  if (isAgreed(given)) {
    terminal.err(evidence(shown, terminal))
    return
  }
  terminal.err(describeEvidence(shown, terminal, grants ? 'asked' : 'shown'))
  if (grants) return requireTypedKey(shown, done, terminal)
  const name = escapeText(shown.name)
  await requireConsent(`${capital(verb)} ${name}?`, `${name} is not ${done}: the answer was not yes`, terminal)
}

const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`

const requireNamed = (shown: EnrolmentDetail, given: Agreement, reference: string): void => {
  const { name, revision } = shown
  if (given.key !== undefined) requireKey(shown, given.key, reference)
  if (given.revision === undefined || given.revision === revision) return
  throw new CommandEnd(
    exitCodes.conflict,
    `the evidence of ${name} has changed since: it is at revision ${revision}, not ${given.revision}`,
    `look again: joinery show ${reference}`
  )
}

/** Throws where `digits` are not those of its key. */
export const requireKey = (
  { name, key }: Pick<EnrolmentDetail, 'name' | 'key'>,
  digits: string,
  reference: string
): void => {
  if (isFingerprintOf(digits, key)) return
  throw new CommandEnd(
    exitCodes.conflict,
    `${name} has another key: ${key || '<none>'}`,
    `compare with the machine's console: joinery show ${reference}`
  )
}
