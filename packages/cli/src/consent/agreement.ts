import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, isFingerprintOf } from '@joinery/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import type { SeenEnrolmentDetail } from '../operator-client.ts'
import { describeEvidence } from '../output/enrolment/describe-evidence.ts'
import { evidence } from '../output/enrolment/evidence.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { requireAsk, requireConsent } from './consent.ts'
import { parseFingerprint } from './fingerprint-option.ts'
import { requireTypedKey } from './typed-key.ts'

/** Agreement that a person gives in advance, as options, to a look of their own. */
export interface Agreement {
  /** Digits of the key. */
  key?: string
  revision?: number
  /** Agrees to any look. */
  yes?: true
}

const parseRevision = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('give the number that joinery show prints.')
}

export const addAgreementOptions = (command: Command): Command =>
  command
    .option(
      '--key <key>',
      'agree only to the machine with this key, as its console or joinery show prints the key',
      parseFingerprint
    )
    .option('--revision <number>', 'agree only to this revision, as joinery show prints the number', parseRevision)
    .option('--yes', 'do not ask')

/** True if there is nothing to ask. */
export const isAgreed = ({ key, revision, yes }: Agreement): boolean =>
  key !== undefined || revision !== undefined || yes === true

/**
 * Throws before the server is asked if `given` is for one machine and there are several. Also throws if nobody has
 * agreed and there is nobody to ask. `done`: a participle such as `approved`.
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
  const look = 'joinery show NAME prints the command with --revision and --key; --yes agrees to any revision and key'
  requireAsk(`nothing is ${done}`, terminal, look)
}

export interface Question {
  /** The act, as `approve` and `approved`. */
  verb: string
  done: string
  /** The operator's name for the machine. */
  reference: string
  given: Agreement
  /**
   * True if the machine gets the keys of the cluster: then a yes is not enough, only the key that its console shows.
   */
  grants?: boolean
}

/**
 * Returns if a person agrees to exactly this look: they were asked below the evidence, or named it beforehand.
 * Throws if the answer is no, or if they named another look.
 */
export const requireAgreement = async (
  shown: SeenEnrolmentDetail,
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

const requireNamed = (shown: SeenEnrolmentDetail, given: Agreement, reference: string): void => {
  const { name, revision } = shown
  if (given.key !== undefined) requireKey(shown, given.key, reference)
  if (given.revision === undefined || given.revision === revision) return
  throw new CommandEnd(
    exitCodes.conflict,
    `the evidence of ${name} has changed since: it is at revision ${revision}, not ${given.revision}`,
    `look again: joinery show ${reference}`
  )
}

/** Throws unless `digits` are those of the machine's key. */
export const requireKey = (
  { name, key }: Pick<SeenEnrolmentDetail, 'name' | 'key'>,
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
