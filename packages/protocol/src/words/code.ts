import { createHash } from 'node:crypto'

/**
 * The one-time code: `jny_`, 26 characters of Crockford's base32 (130 bits) and a checksum of 2 characters. The
 * checksum is the first 10 bits of SHA-256 over the 26. Reading ignores case, `-` and spaces, and folds O, I and L.
 */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const prefix = 'JNY_'
const bodyLength = 26
const length = 28
const group = 4

export interface MistypedCode {
  /** The mistake in plain words: which group of four looks wrong. Never contains the whole code. */
  problem: string
}

const checksum = (body: string): string => {
  const hash = createHash('sha256').update(body).digest()
  const bits = hash.readUInt16BE(0) >> 6
  return `${alphabet[bits >> 5]}${alphabet[bits & 31]}`
}

/** A new code from `random`, which gives that many bytes of the system's random source. */
export const makeCode = (random: (bytes: number) => Uint8Array): string => {
  // 256 is a multiple of 32: masking a byte has no bias
  const body = [...random(bodyLength)].map((byte) => alphabet[byte & 31]).join('')
  return `jny_${body}${checksum(body)}`
}

/** The canonical form of a typed code, or what is wrong with it. No server is asked. */
export const parseCode = (typed: string): string | MistypedCode => {
  const cleaned = typed.replace(/[\s-]/g, '').toUpperCase()
  const characters = (cleaned.startsWith(prefix) ? cleaned.slice(prefix.length) : cleaned)
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  const wrong = [...characters].findIndex((character) => !alphabet.includes(character))
  if (wrong >= 0) return { problem: `group ${groupOf(wrong)} of 7 has a character that no code has` }
  if (characters.length !== length) {
    return { problem: `a code has ${length} characters after jny_, this one has ${characters.length}` }
  }
  const body = characters.slice(0, bodyLength)
  if (checksum(body) !== characters.slice(bodyLength)) {
    return { problem: 'every group of four is well-formed, but they do not fit together: compare all 7 groups' }
  }
  return `jny_${characters}`
}

const groupOf = (index: number): number => Math.min(Math.floor(index / group) + 1, length / group)

/** The hash that the server keeps of a code: SHA-256 of its canonical form, in hex. 130 bits need no slow hash. */
export const hashCode = (code: string): string => createHash('sha256').update(code).digest('hex')
