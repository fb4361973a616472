import { day, minute } from '@joinery/protocol'
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator
} from '@peculiar/x509'
import { requestIn } from './proofs.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const year = 365 * day

export interface CertificateAuthority {
  /** PEM. */
  certificate: string
  /** PEM of its private key. */
  key: string
  /**
   * Issues a client certificate, as PEM, for the subject and the key of the PKCS#10 request. It is 5 minutes backdated,
   * and valid for a year (those minutes included), or for `seconds` from now.
   */
  issue(request: string, now: Date, seconds?: number): Promise<string>
  /** Issues a serving certificate, as PEM, for a year. It also has the alternative names of the request. */
  issueServing(request: string, now: Date): Promise<string>
}

/** Makes the cluster's CA, as kubeadm makes it: `CN=kubernetes`, ten years. */
export const certificateAuthority = async (now: Date): Promise<CertificateAuthority> => {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
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
  const sign = async (request: string, usage: ExtendedKeyUsage, at: Date, seconds?: number): Promise<string> => {
    const { subjectName, publicKey, extensions } = requestIn(request)
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
        new ExtendedKeyUsageExtension([usage]),
        ...extensions.filter((extension) => extension instanceof SubjectAlternativeNameExtension)
      ]
    })
    return certificate.toString('pem')
  }
  return {
    certificate: ca.toString('pem'),
    key: PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
    issue: (request, at, seconds) => sign(request, ExtendedKeyUsage.clientAuth, at, seconds),
    issueServing: (request, at) => sign(request, ExtendedKeyUsage.serverAuth, at)
  }
}
