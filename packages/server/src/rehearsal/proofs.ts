import 'reflect-metadata'
import { createPrivateKey, hash, X509Certificate } from 'node:crypto'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { isSignedByItsKey } from '../core/enrolment/csr/csr-request.ts'

/**
 * The request that Kubernetes sees in a text. Go's encoding/pem passes over whatever comes before a block, and a block
 * begins a line. Throws if there is none.
 */
export const requestIn = (text: string): Pkcs10CertificateRequest => {
  const base64 = /^-----BEGIN CERTIFICATE REQUEST-----$([^-]*)^-----END/m.exec(text)?.[1]
  if (base64 === undefined) throw new Error('PEM block type must be CERTIFICATE REQUEST')
  return new Pkcs10CertificateRequest(new Uint8Array(Buffer.from(base64, 'base64')))
}

/** True if the PKCS#10 request has a signature that proves its key. The API server takes no other request. */
export const isSignedRequest = async (pem: string): Promise<boolean> => {
  try {
    // the library knows no ML-DSA
    return isSignedByItsKey(pem) || (await requestIn(pem).verify())
  } catch {
    return false
  }
}

/** Common name in the subject of a PKCS#10 request. */
export const commonNameOf = (pem: string): string | undefined => requestIn(pem).subjectName.getField('CN')[0]

/** Id by which the API server names a client certificate in each request that came by it. */
export const credentialIdOf = (certificate: string): string =>
  `X509SHA256=${hash('sha256', new X509Certificate(certificate).raw)}`

/** Name of the node that the API server takes the holder of certificate and key for. Undefined means status 401. */
export const nodeOfCertificate = (certificate: string, key: string, ca: string, now: Date): string | undefined => {
  const leaf = new X509Certificate(certificate)
  const trusted =
    leaf.verify(new X509Certificate(ca).publicKey) &&
    leaf.checkPrivateKey(createPrivateKey(key)) &&
    leaf.validFromDate <= now &&
    now < leaf.validToDate
  return trusted ? /^CN=system:node:(.+)$/m.exec(leaf.subject)?.[1] : undefined
}
