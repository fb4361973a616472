import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  X509CertificateGenerator
} from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const minute = 60_000
const year = 365 * 24 * 60 * minute

export interface CertificateAuthority {
  /** PEM. */
  certificate: string
  /**
   * PEM of a client certificate for subject and key of the PKCS#10 request: 5 minutes backdated, and valid for a year of
   * which they are a part, or for so many seconds from now.
   */
  issue(request: string, now: Date, seconds?: number): Promise<string>
}

/** The cluster's CA, as kubeadm makes it: `CN=kubernetes`, ten years. */
export const certificateAuthority = async (now: Date): Promise<CertificateAuthority> => {
  const keys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['kubernetes'] }],
    notBefore: now,
    notAfter: new Date(now.getTime() + 10 * year),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true)
    ]
  })
  return {
    certificate: ca.toString('pem'),
    issue: async (request, at, seconds) => {
      const { subjectName, publicKey } = new Pkcs10CertificateRequest(request)
      const notBefore = at.getTime() - 5 * minute
      const certificate = await X509CertificateGenerator.create({
        subject: subjectName,
        issuer: ca.subjectName,
        notBefore: new Date(notBefore),
        notAfter: seconds === undefined ? new Date(notBefore + year) : new Date(at.getTime() + seconds * 1000),
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])
        ]
      })
      return certificate.toString('pem')
    }
  }
}
