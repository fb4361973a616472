import { createPublicKey, verify } from 'node:crypto'

/** Digests by the OID of the algorithm of a signature, in hexadecimal. Ed25519 and ML-DSA have none. */
const digests: Readonly<Record<string, string | null>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
  '608648016503040311': null,
  '608648016503040312': null,
  '608648016503040313': null
}

/**
 * True if the key of the PKCS#10 request (RFC 2986, PEM in base64) has signed it. Throws if it is none. The library for certificates could
 * say so only in a later turn of the event loop.
 */
export const isSignedByItsKey = (request: string): boolean => {
  const text = Buffer.from(request, 'base64').toString()
  // Go's encoding/pem passes over whatever comes before a block, and a block begins a line
  const base64 = /^-----BEGIN CERTIFICATE REQUEST-----$([^-]*)^-----END/m.exec(text)?.[1]
  if (base64 === undefined) throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const [outer] = elementsOf(Buffer.from(base64, 'base64'))
  const [info, algorithm, signature] = elementsOf(outer?.content)
  const [, , spki] = elementsOf(info?.content)
  const [oid] = elementsOf(algorithm?.content)
  const digest = digests[oid?.content.toString('hex') ?? '']
  if (digest === undefined || info === undefined || spki === undefined || signature === undefined)
    throw new Error('x509: cannot verify signature: algorithm unimplemented')
  const key = createPublicKey({ key: spki.whole, format: 'der', type: 'spki' })
  return verify(digest, info.whole, key, signature.content.subarray(1))
}

/** Elements that follow one another in DER, each with its header and without. */
const elementsOf = (der: Buffer = Buffer.alloc(0)): { whole: Buffer; content: Buffer }[] => {
  if (der.length === 0) return []
  const length = der.readUInt8(1)
  const more = length < 0x80 ? 0 : length & 0x7f
  const end = 2 + more + (more === 0 ? length : der.readUIntBE(2, more))
  if (end > der.length) throw new Error('asn1: syntax error: data truncated')
  return [{ whole: der.subarray(0, end), content: der.subarray(2 + more, end) }, ...elementsOf(der.subarray(end))]
}
