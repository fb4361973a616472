import { createHash, type KeyObject } from 'node:crypto'

/**
 * Fingerprint of a public key: `sha256:` and lower-case hex over the DER SubjectPublicKeyInfo (RFC 7469 2.4), as
 * kubeadm writes CA pins.
 */
export const fingerprint = (key: KeyObject): string =>
  `sha256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`

/**
 * Number of hex digits that people compare: 80 bits. To make a second key with the same bits takes 2^80 tries. With
 * 32 bits it took minutes.
 */
const comparedDigits = 20

/**
 * The first 80 bits in five groups, as `4f1c-22ab-09d3-7e10-b6f5`. A person compares them with the machine's console.
 */
export const shortFingerprint = (whole: string): string => {
  const hex = whole.replace(/^sha256:/, '')
  return (hex.slice(0, comparedDigits).match(/.{1,4}/g) ?? []).join('-')
}

/**
 * The hex digits of a key as a person gives it: whole or in its short form, with or without `sha256:`, dashes and
 * spaces, in either case. Undefined if the text is no such key, or has fewer than 80 bits.
 */
export const fingerprintDigits = (typed: string): string | undefined => {
  const digits = typed
    .toLowerCase()
    .replace(/^\s*sha256:/, '')
    .replace(/[\s-]/g, '')
  return digits.length >= comparedDigits && /^[0-9a-f]{1,64}$/.test(digits) ? digits : undefined
}

/** True if `digits`, from `fingerprintDigits`, are the first ones of this fingerprint. */
export const isFingerprintOf = (digits: string, whole: string): boolean => whole.startsWith(`sha256:${digits}`)
