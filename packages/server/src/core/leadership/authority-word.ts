import { X509Certificate } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { StateKeys } from '../keys/state-keys.ts'

/** Word of a server on its CA, and on the one that comes next. */
export interface AuthorityWord {
  /** Pin of the CA by which it serves. */
  pin: string
  /** Time from which the certificate of that CA is valid, in milliseconds. Each rotation makes a later one. */
  from: number
  /** Pin of the CA that comes next, if this host has it. */
  next?: string
}

/** The word of a server with these keys. */
export const authorityWord = (keys: Pick<StateKeys, 'certificateAuthority' | 'nextAuthority'>): AuthorityWord => {
  const { publicKey, validFromDate } = new X509Certificate(keys.certificateAuthority)
  const next = keys.nextAuthority && fingerprint(new X509Certificate(keys.nextAuthority).publicKey)
  return { pin: fingerprint(publicKey), from: validFromDate.getTime(), ...given({ next }) }
}

/** The word as the Lease of a server has it. */
export const wordText = ({ pin, from, next }: AuthorityWord): string =>
  [pin, new Date(from).toISOString(), ...(next === undefined ? [] : [next])].join(' ')

const form = /^(sha256:[0-9a-f]{64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)(?: (sha256:[0-9a-f]{64}))?$/

/** Reads `wordText`. Undefined if the text is none: a server from before rotations with several servers says nothing. */
export const readWord = (text = ''): AuthorityWord | undefined => {
  const [, pin, from = '', next] = form.exec(text) ?? []
  return pin === undefined ? undefined : { pin, from: Date.parse(from), ...given({ next }) }
}

/** True if the CA of `word` came after that of `own`, by a rotation. Of two that were made in the same second one counts as the later. */
export const isLater = (word: AuthorityWord, own: AuthorityWord): boolean =>
  word.pin !== own.pin && (word.from === own.from ? word.pin > own.pin : word.from > own.from)

/** True if the server of `word` serves by a CA, or has the next one, that the server of `own` does not have. */
export const knowsMore = (word: AuthorityWord, own: AuthorityWord): boolean =>
  word.pin === own.pin ? word.next !== undefined && word.next !== own.next : isLater(word, own) && word.pin !== own.next
