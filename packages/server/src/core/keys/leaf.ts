import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { day, serverName } from '@joinery/protocol'

/** Days for which a leaf is made. Who stole its key can be the server until its end. */
export const leafDays = 90

const renewBefore = 30 * day

/** The addresses that a leaf names beside `serverName`. */
export const leafAddresses = (leaf: X509Certificate): string[] =>
  (leaf.subjectAltName ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '' && name !== serverName)

/** A leaf with its key as they lie in the state folder, PEM. */
export interface LeafFiles {
  key: string | undefined
  certificate: string | undefined
}

/** The certificate in a PEM text. Undefined if there is none. */
export const certificateIn = (pem: string | undefined): X509Certificate | undefined => {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** Reason for which the leaf must be made again. Undefined if it is good as it is. */
export const leafFlaw = (
  files: LeafFiles,
  authority: string,
  addresses: readonly string[],
  now: Date
): string | undefined => {
  const certificate = certificateIn(files.certificate)
  const unfit = pairFlaw(files, authority)
  if (unfit !== undefined || certificate === undefined) return unfit
  const left = certificate.validToDate.getTime() - now.getTime()
  if (left < renewBefore) return 'it expires within 30 days'
  // of an earlier version, or made while the clock was ahead
  if (left > (leafDays + 1) * day) return `it lives longer than ${leafDays} days`
  const named = addresses.every((address) => names(certificate, address))
  return named && leafAddresses(certificate).length === addresses.length ? undefined : 'the addresses have changed'
}

/** Flaw of a leaf whose key was changed after it was made. */
export const ofAnotherKey = 'it is for another key'

/** Reason for which nobody can serve with the leaf. Undefined if key, leaf and CA belong together. */
export const pairFlaw = ({ key, certificate }: LeafFiles, authority: string): string | undefined => {
  if (key === undefined || certificate === undefined) return 'missing'
  const leaf = certificateIn(certificate)
  try {
    if (leaf === undefined) return 'it is damaged'
    if (!leaf.verify(new X509Certificate(authority).publicKey)) return 'another CA made it'
    if (!leaf.checkPrivateKey(createPrivateKey(key))) return ofAnotherKey
  } catch {
    return 'its key is damaged'
  }
  return undefined
}

/** True if a machine that checks the server's name accepts this certificate for `address`. */
export const names = (certificate: X509Certificate, address: string): boolean =>
  (isIP(address) === 0 ? certificate.checkHost(address) : certificate.checkIP(address)) !== undefined
