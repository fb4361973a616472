import { createHmac } from 'node:crypto'

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'

/**
 * The secret half of the token of one attempt: 16 characters of [a-z0-9] out of HMAC-SHA256 of the master key. The same
 * attempt gives the same secret, so a lost answer can be given again and nothing is stored in clear.
 */
export const tokenSecret = (masterKey: Uint8Array, enrolment: string, attempt: number): string => {
  const mac = createHmac('sha256', masterKey).update(`joinery bootstrap token\0${enrolment}\0${attempt}`).digest('hex')
  // 256 bits modulo 36^16 (83 bits): the bias is below 2^-170
  let rest = BigInt(`0x${mac}`)
  let secret = ''
  while (secret.length < 16) {
    secret += alphabet[Number(rest % 36n)]
    rest /= 36n
  }
  return secret
}

/** A token id of [a-z0-9]{6}. It is public, and only has to be new. */
export const newTokenId = (random: (bytes: number) => Uint8Array): string => {
  let id = ''
  // 252 is the largest multiple of 36 in a byte: what is above would be biased
  while (id.length < 6) for (const byte of random(8)) if (byte < 252 && id.length < 6) id += alphabet[byte % 36]
  return id
}
