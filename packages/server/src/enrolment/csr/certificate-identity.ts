import { X509Certificate } from 'node:crypto'
import { fingerprint, type KubeletCertificate } from '@joinery/protocol'

/** Expiry of a certificate in PEM, as ISO 8601. */
export const certificateExpiry = (pem: string): string => new X509Certificate(pem).validToDate.toISOString()

/** Key and serial of a certificate in PEM, as an agent reports them. */
export const certificateIdentity = (pem: string): KubeletCertificate => {
  const { publicKey, serialNumber } = new X509Certificate(pem)
  return { fingerprint: fingerprint(publicKey), serial: serialNumber }
}
