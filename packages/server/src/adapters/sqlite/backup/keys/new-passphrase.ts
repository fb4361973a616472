import { makeCode, parseCode } from '@joinery/protocol'
import { StartRefusal } from '../../../../core/base/start-refusal.ts'

/** The part of a code that says that it is one. A passphrase has 130 bits and the checksum as a code has, and is none. */
const prefix = 'jny_'

/** A new passphrase of 130 bits with a checksum, from the system's random source. */
export const newPassphrase = (random: (bytes: number) => Uint8Array): string => makeCode(random).slice(prefix.length)

/** The passphrase for a person: seven groups of four characters. */
export const grouped = (passphrase: string): string => (passphrase.match(/.{4}/g) ?? []).join('-')

/** The canonical form of a passphrase as a person typed it. Throws `StartRefusal` if it is mistyped: no key has to be tried for that. */
export const readNewPassphrase = (typed: string): string => {
  const read = typed.trim().toLowerCase().startsWith(prefix) ? undefined : parseCode(typed)
  if (typeof read === 'string') return read.slice(prefix.length)
  throw new StartRefusal(
    'this is no passphrase of a keys file',
    'type the seven groups of four characters that joinery-server keys export showed'
  )
}
