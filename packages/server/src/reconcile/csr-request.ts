import 'reflect-metadata'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'

export interface CsrRequest {
  commonNames: string[]
  organizations: string[]
  /** Subject attributes other than CN and O. */
  otherSubject: string[]
  hasAlternativeNames: boolean
  /** Any extension, those among them: a kubelet asks for none. */
  hasExtensions: boolean
  key: KeyObject
}

/** What a PKCS#10 request asks for; undefined where it cannot be parsed. */
export const parseCsrRequest = (pem: string): CsrRequest | undefined => {
  try {
    const request = new Pkcs10CertificateRequest(pem)
    const attributes = request.subjectName.toJSON().flatMap((part) => Object.entries(part))
    const values = (type: string) => attributes.filter(([name]) => name === type).flatMap(([, value]) => value)
    return {
      commonNames: values('CN'),
      organizations: values('O'),
      otherSubject: attributes.map(([name]) => name).filter((name) => name !== 'CN' && name !== 'O'),
      hasAlternativeNames: request.extensions.some((extension) => extension instanceof SubjectAlternativeNameExtension),
      hasExtensions: request.extensions.length > 0,
      key: createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
    }
  } catch {
    return undefined
  }
}
