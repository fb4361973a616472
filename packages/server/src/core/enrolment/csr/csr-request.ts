import 'reflect-metadata'
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { longestRequest, signatures } from '@joinery/protocol'
import { CertificationRequest } from '@peculiar/asn1-csr'
import { AsnConvert } from '@peculiar/asn1-schema'
import { ExtensionsAttribute, Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { rememberLatest } from '../../base/remember-latest.ts'
import { algorithmOf } from '../../ports/cluster/kubelet-keys.ts'
import { isCanonicalDer } from './canonical-der.ts'

export interface CsrRequest {
  readonly commonNames: readonly string[]
  readonly organizations: readonly string[]
  /** Object identifiers of subject attributes other than CN and O. */
  readonly otherSubject: readonly string[]
  /** True if the request has any attribute, extensions included. A kubelet asks for its client certificate without any. */
  readonly hasAttributes: boolean
  /**
   * Alternative names of every kind. Undefined if the request has any other attribute, or one that could be read in two ways.
   */
  readonly alternativeNames: readonly AlternativeName[] | undefined
  readonly key: KeyObject
}

/** An alternative name: `dns` with a host name, or `ip` with an address. The server gives nobody a name of another kind. */
export interface AlternativeName {
  readonly type: string
  readonly value: string
}

/**
 * Reads what a PKCS#10 request in PEM asks for. Undefined if the request is hostile: not the one canonical text of one
 * canonical request, or longer than any kubelet's. The cluster's signer reads the same text with another parser, and must
 * not be able to read anything else in it.
 */
export const parseCsrRequest = (pem: string): CsrRequest | undefined =>
  pem.length > longestRequest ? undefined : latest(pem)

/**
 * Parses these texts a few at a time, so that `parseCsrRequest` knows them. A loop of requests must not hold up the event loop
 * for as long as it takes to parse all of them.
 */
export const readAhead = async (pems: readonly string[]): Promise<void> => {
  for (const [index, pem] of pems.entries()) {
    if (index > 0 && index % parsedAtOnce === 0) await setImmediate()
    parseCsrRequest(pem)
  }
}

/** True if the request is signed by the key in it, in the one way in which a kubelet signs by a key of that kind. */
export const isSignedByItsKey = (pem: string): boolean => {
  const request = parseCsrRequest(pem)
  const der = derOf(pem)
  if (request === undefined || der === undefined) return false
  const algorithm = algorithmOf(request.key)
  if (algorithm === undefined) return false
  // `understood` made sure that the parsed request is encoded as it was
  const { certificationRequestInfo, signatureAlgorithm, signature } = AsnConvert.parse(der, CertificationRequest)
  const { oid, hash } = signatures[algorithm]
  const signed = Buffer.from(AsnConvert.serialize(certificationRequestInfo))
  return signatureAlgorithm.algorithm === oid && verify(hash, signed, request.key, Buffer.from(signature))
}

/** Texts that are parsed in one turn of the event loop: some ten milliseconds. */
const parsedAtOnce = 8

const parse = (pem: string): CsrRequest | undefined => {
  try {
    const der = derOf(pem)
    return der && understood(der)
  } catch {
    return undefined
  }
}

/**
 * Parses a text, or remembers it: several deciders judge each request in several passes, and to parse it takes a millisecond. It keeps
 * some 6,500 of a kubelet's, in some 25 MB, or some 330 of the longest kind.
 */
const latest = rememberLatest(parse, 4_000_000)

const begin = '-----BEGIN CERTIFICATE REQUEST-----\n'
const end = '-----END CERTIFICATE REQUEST-----'

/** One PEM block as Go's encoding/pem and OpenSSL write it, without the newline at the end, which is optional. */
const pemOf = (der: Buffer): string => `${begin}${der.toString('base64').replace(/.{1,64}/g, '$&\n')}${end}`

/** The DER in a text that is exactly one PEM block. Undefined if the text is something else, or the DER is not canonical. */
const derOf = (pem: string): Buffer | undefined => {
  const text = pem.endsWith('\n') ? pem.slice(0, -1) : pem
  const der = Buffer.from(text.slice(begin.length, -end.length), 'base64')
  return pemOf(der) === text && isCanonicalDer(der) ? der : undefined
}

const commonName = '2.5.4.3'
const organization = '2.5.4.10'

const understood = (der: Buffer): CsrRequest | undefined => {
  const parsed = AsnConvert.parse(der, CertificationRequest)
  const request = new Pkcs10CertificateRequest(parsed)
  // the parsed request is encoded again and compared, so the parser passed over nothing
  if (!Buffer.from(request.rawData).equals(der)) return undefined
  const { version, subject } = parsed.certificationRequestInfo
  const parts = [...subject].map((part) => [...part])
  // Go reads the attributes of all parts of a name as one list, others do not
  if (version !== 0 || parts.some(({ length }) => length !== 1)) return undefined
  const attributes = subject
    .flat()
    .map(({ type, value }) => ({ type, text: value.utf8String ?? value.printableString }))
  if (attributes.some(({ text }) => text === undefined)) return undefined
  const values = (wanted: string) => attributes.flatMap(({ type, text = '' }) => (type === wanted ? text : []))
  return {
    commonNames: values(commonName),
    organizations: values(organization),
    otherSubject: attributes.flatMap(({ type }) => (type === commonName || type === organization ? [] : type)),
    hasAttributes: request.attributes.length > 0,
    alternativeNames: alternativeNames(request),
    key: createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
  }
}

/**
 * The alternative names of a request. The parsed names are encoded again and compared: a parser passes over what it does not
 * know. If there are two, it takes the first, while the signer may read the other.
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
