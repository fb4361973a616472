import { hash, X509Certificate } from 'node:crypto'
import { fingerprint, type KubeletCertificate } from '@joinery/protocol'

/** Expiry of a certificate in PEM, as ISO 8601. */
export const certificateExpiry = (pem: string): string => new X509Certificate(pem).validToDate.toISOString()

/** SHA-256 of the DER of a certificate in PEM, in hex: the API server names a credential by it. */
export const certificateDigest = (pem: string): string => hash('sha256', new X509Certificate(pem).raw)

/** Key and serial of a certificate in PEM, as an agent reports them. */
export const certificateIdentity = (pem: string): KubeletCertificate => {
  const { publicKey, serialNumber } = new X509Certificate(pem)
  return { fingerprint: fingerprint(publicKey), serial: serialNumber }
}
