import { createHash, type KeyObject } from 'node:crypto'

/** `sha256:` and lower-case hex over the DER SubjectPublicKeyInfo (RFC 7469 2.4), as kubeadm writes CA pins. */
export const fingerprint = (key: KeyObject): string =>
  `sha256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`

/** The first 32 bits in two groups: what a person compares with the machine's console. */
export const shortFingerprint = (whole: string): string => {
  const hex = whole.replace(/^sha256:/, '')
  return `${hex.slice(0, 4)}-${hex.slice(4, 8)}`
}
