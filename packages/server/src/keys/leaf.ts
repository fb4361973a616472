import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { day, serverName } from '@joinery/protocol'
import type { KeyPair } from './keys.ts'

const renewBefore = 30 * day

/** The addresses that a leaf names beside `serverName`. */
export const leafAddresses = (leaf: string): string[] =>
  (new X509Certificate(leaf).subjectAltName ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== serverName)

/** Reason for which the leaf must be made again. Undefined if it is good as it is. */
export const leafFlaw = (
  leaf: string,
  pair: KeyPair,
  authority: string,
  addresses: readonly string[],
  now: Date
): string | undefined => {
  const certificate = new X509Certificate(leaf)
  if (!certificate.verify(new X509Certificate(authority).publicKey)) return 'another CA made it'
  if (!certificate.checkPrivateKey(pair.privateKey)) return 'it is for another key'
  if (certificate.validToDate.getTime() - now.getTime() < renewBefore) return 'it expires within 30 days'
  const named = addresses.every((address) => names(certificate, address))
  return named && leafAddresses(leaf).length === addresses.length ? undefined : 'the addresses have changed'
}

/** True if a machine that checks the server's name accepts this certificate for `address`. */
export const names = (certificate: X509Certificate, address: string): boolean =>
  (isIP(address) === 0 ? certificate.checkHost(address) : certificate.checkIP(address)) !== undefined
