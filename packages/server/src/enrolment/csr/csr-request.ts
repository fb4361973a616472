import 'reflect-metadata'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { CertificationRequest } from '@peculiar/asn1-csr'
import { AsnConvert } from '@peculiar/asn1-schema'
import { ExtensionsAttribute, Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { isCanonicalDer } from './canonical-der.ts'

export interface CsrRequest {
  readonly commonNames: readonly string[]
  readonly organizations: readonly string[]
  /** Object identifiers of subject attributes other than CN and O. */
  readonly otherSubject: readonly string[]
  /** Extensions, or any other: the client certificate of a kubelet is asked for without. */
  readonly hasAttributes: boolean
  /** Of every kind; undefined if the request has any other attribute, or one that could be read in two ways. */
  readonly alternativeNames: readonly AlternativeName[] | undefined
  readonly key: KeyObject
}

/** `dns` with a host name, `ip` with an address; other kinds are what nobody is given. */
export interface AlternativeName {
  readonly type: string
  readonly value: string
}

/**
 * What a PKCS#10 request in PEM asks for; undefined if it is hostile: not the one canonical text of one canonical request. The
 * cluster's signer reads the same text with another parser, and must not be able to read anything else in it.
 */
export const parseCsrRequest = (pem: string): CsrRequest | undefined => {
  if (pem.length > longestRequest) return undefined
  const known = latest.get(pem)
  latest.delete(pem)
  const { request } = known ?? { request: parse(pem) }
  if (latest.size === latestKept) latest.delete(latest.keys().next().value ?? '')
  latest.set(pem, { request })
  return request
}

/**
 * The texts that were asked for last, the latest at the end. Each request is judged by several deciders, in several passes, and to
 * parse it takes a millisecond.
 */
const latest = new Map<string, { request: CsrRequest | undefined }>()

/** With texts of the longest kind they take some 10 MB. */
const latestKept = 1024

/**
 * Parses these texts a few at a time, so that `parseCsrRequest` knows them: a loop of requests must not hold up the event loop, and
 * whoever waits for it, for as long as it takes to parse all of them.
 */
export const readAhead = async (pems: readonly string[]): Promise<void> => {
  for (const [index, pem] of pems.entries()) {
    if (index > 0 && index % parsedAtOnce === 0) await setImmediate()
    parseCsrRequest(pem)
  }
}

/** Some ten milliseconds. */
const parsedAtOnce = 8

const parse = (pem: string): CsrRequest | undefined => {
  try {
    const der = derOf(pem)
    return der && understood(der)
  } catch {
    return undefined
  }
}

/** In characters. A kubelet's has 600, one with an RSA key of 8192 bits and twenty addresses 3,300. */
export const longestRequest = 8192

const begin = '-----BEGIN CERTIFICATE REQUEST-----\n'
const end = '-----END CERTIFICATE REQUEST-----'

/** One block as Go's encoding/pem and OpenSSL write it, without the newline at the end, which is optional. */
const pemOf = (der: Buffer): string => `${begin}${der.toString('base64').replace(/.{1,64}/g, '$&\n')}${end}`

/** The DER in a text that is exactly one block; undefined also if it is not canonical. */
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
  // encoded again from what was understood: nothing was passed over
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
