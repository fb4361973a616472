import { X509Certificate } from 'node:crypto'
import { fingerprint, type RecoveryCredential } from '@joinery/protocol'

/** The name and the key that this machine claimed a certificate for. */
export interface Wanted {
  nodeName: string
  /** Fingerprint of the key that the certificate is for. */
  key: string
}

/**
 * The reason why a credential of the way back must not be put on this machine. Undefined if it may. It is for this name,
 * for this key, by the CA that comes with it, and for an API server over TLS.
 */
export const refusesCredential = (credential: RecoveryCredential, { nodeName, key }: Wanted): string | undefined => {
  const { certificate, certificateAuthority, server } = credential
  if (![certificate, certificateAuthority, server].every((text: unknown) => typeof text === 'string'))
    return 'it is not whole'
  if (credential.nodeName !== nodeName) return `it is for another Node: ${credential.nodeName}`
  if (!server.startsWith('https://') || !URL.canParse(server)) return 'its API server is no https URL'
  const leaf = parsed(certificate)
  if (leaf === undefined) return 'its certificate cannot be read'
  if (fingerprint(leaf.publicKey) !== key) return 'its certificate is for another key'
  const subject = leaf.subject.split('\n').sort().join(', ')
  if (subject !== `CN=system:node:${nodeName}, O=system:nodes`) return `its certificate is for ${subject}`
  const authorities = pems(certificateAuthority).map(parsed)
  if (!authorities.some((ca) => ca?.ca && leaf.checkIssued(ca) && leaf.verify(ca.publicKey))) {
    return 'its certificate is not by the CA that came with it'
  }
  return undefined
}

const pems = (text: string): string[] => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

const parsed = (pem: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
