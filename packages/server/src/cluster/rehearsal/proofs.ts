import 'reflect-metadata'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { Pkcs10CertificateRequest } from '@peculiar/x509'

/** A PKCS#10 request whose signature proves the key: the API server takes no other. */
export const isSignedRequest = async (pem: string): Promise<boolean> => {
  try {
    return await new Pkcs10CertificateRequest(pem).verify()
  } catch {
    return false
  }
}

/** Of the subject of a PKCS#10 request. */
export const commonNameOf = (pem: string): string | undefined =>
  new Pkcs10CertificateRequest(pem).subjectName.getField('CN')[0]

/** The node that the holder of certificate and key is to the API server; undefined is 401. */
export const nodeOfCertificate = (certificate: string, key: string, ca: string, now: Date): string | undefined => {
  const leaf = new X509Certificate(certificate)
  const trusted =
    leaf.verify(new X509Certificate(ca).publicKey) &&
    leaf.checkPrivateKey(createPrivateKey(key)) &&
    leaf.validFromDate <= now &&
    now < leaf.validToDate
  return trusted ? /^CN=system:node:(.+)$/m.exec(leaf.subject)?.[1] : undefined
}
