import 'reflect-metadata'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { ExtensionsAttribute, Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'

export interface CsrRequest {
  commonNames: string[]
  organizations: string[]
  /** Subject attributes other than CN and O. */
  otherSubject: string[]
  hasAlternativeNames: boolean
  /** Any extension, those among them: a kubelet asks for none. */
  hasExtensions: boolean
  /** Of every kind; undefined where the request has any other attribute, or one that could be read in two ways. */
  alternativeNames: AlternativeName[] | undefined
  key: KeyObject
}

/** `dns` with a host name, `ip` with an address; other kinds are what nobody is given. */
export interface AlternativeName {
  type: string
  value: string
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
      alternativeNames: alternativeNames(request),
      hasExtensions: request.extensions.length > 0,
      key: createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
    }
  } catch {
    return undefined
  }
}

/**
 * What was understood is encoded again and compared: a parser passes over what it does not know, and takes the first where
 * there are two, while the signer may read the other.
 */
const alternativeNames = ({ attributes, extensions }: Pkcs10CertificateRequest): AlternativeName[] | undefined => {
  const [attribute] = attributes
  if (attribute === undefined) return []
  const names = [...extensions].flatMap((extension) =>
    extension instanceof SubjectAlternativeNameExtension ? extension.names.items : []
  )
  const understood = new ExtensionsAttribute([
    new SubjectAlternativeNameExtension(names.map(({ type, value }) => ({ type, value })))
  ])
  const same = Buffer.from(understood.rawData).equals(Buffer.from(attribute.rawData))
  return attributes.length === 1 && same ? names.map(({ type, value }) => ({ type, value })) : undefined
}
