import 'reflect-metadata'
import { type JsonGeneralNames, Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'

/** Parts of a PKCS#10 request that Kubernetes reads. */
export interface CertificateRequest {
  parsed: Pkcs10CertificateRequest
  commonName: string
  organizations: readonly string[]
  /** Alternative names of the four types that Go knows. The others are nothing to it. */
  alternativeNames: JsonGeneralNames
}

/**
 * Reads the first request in a text. Go's encoding/pem passes over whatever comes before a block, and a block begins a line. Throws if
 * there is none.
 */
export const readRequest = (text: string): CertificateRequest => {
  const base64 = /^-----BEGIN CERTIFICATE REQUEST-----$([^-]*)^-----END/m.exec(text)?.[1]
  if (base64 === undefined) throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const parsed = new Pkcs10CertificateRequest(new Uint8Array(Buffer.from(base64, 'base64')))
  return {
    parsed,
    commonName: parsed.subjectName.getField('CN').at(-1) ?? '',
    organizations: parsed.subjectName.getField('O'),
    alternativeNames: parsed.extensions
      .flatMap((extension) => (extension instanceof SubjectAlternativeNameExtension ? extension.names.toJSON() : []))
      .filter(({ type }) => ['dns', 'email', 'ip', 'url'].includes(type))
  }
}
