import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { bits, context, integer, objectIdentifier, printable, sequence, setOf } from './der.ts'

/** The pieces of a PKCS#10 request, each as whole DER values. Pieces that are left out are as a kubelet makes them. */
export interface Pieces {
  version?: Buffer
  subject?: Buffer
  publicKey?: Buffer
  attributes?: Buffer
  /** Makes the part that is signed from the pieces above, in place of the usual one. */
  info?: (version: Buffer, subject: Buffer, publicKey: Buffer, attributes: Buffer) => Buffer
  /** Makes the whole request from what is signed, the algorithm and the signature. */
  whole?: (info: Buffer, algorithm: Buffer, signature: Buffer) => Buffer
  algorithm?: Buffer
  signature?: (signature: Buffer) => Buffer
}

export const commonName = objectIdentifier('2.5.4.3')
export const organization = objectIdentifier('2.5.4.10')

/** One attribute of a subject, as an RDN of its own. */
export const rdn = (type: Buffer, text: Buffer): Buffer => setOf(sequence(type, text))

/** The subject of a node's kubelet, as Go encodes it. */
export const nodeSubject = (node: string): Buffer =>
  sequence(rdn(organization, printable('system:nodes')), rdn(commonName, printable(`system:node:${node}`)))

/** ECDSA with SHA-256. */
export const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** DER of the public half of the one key that signs all of these requests. */
export const spki = publicKey.export({ format: 'der', type: 'spki' })

/** DER of a request that is signed after it was put together: whatever the pieces are, its signature is good. */
export const signedRequest = (
  node: string,
  pieces: Pieces = {},
  key: KeyObject = privateKey,
  hash: 'sha256' | null = 'sha256'
): Buffer => {
  const {
    version = integer(0),
    subject = nodeSubject(node),
    publicKey = spki,
    attributes = context(0),
    algorithm = ecdsaWithSha256,
    signature = (raw) => bits(raw),
    info = (...parts) => sequence(...parts),
    whole = (...parts) => sequence(...parts)
  } = pieces
  const signed = info(version, subject, publicKey, attributes)
  return whole(signed, algorithm, signature(sign(hash, signed, key)))
}

/** DER of the request that the kubelet of this node makes with a new ML-DSA key (RFC 9881). */
export const mlDsaRequest = (node: string, kind: 65 | 87): Buffer => {
  const pair = kind === 65 ? generateKeyPairSync('ml-dsa-65') : generateKeyPairSync('ml-dsa-87')
  const { publicKey, privateKey } = pair
  const number = kind === 65 ? 18 : 19
  const pieces = {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
    algorithm: sequence(objectIdentifier(`2.16.840.1.101.3.4.3.${number}`))
  }
  return signedRequest(node, pieces, privateKey, null)
}

/** PEM of the DER, as Go's encoding/pem writes it. */
export const pemOf = (der: Buffer, label = 'CERTIFICATE REQUEST', columns = 64): string => {
  const lines = der.toString('base64').replace(new RegExp(`.{1,${columns}}`, 'g'), '$&\n')
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`
}
