import { type KeyObject, X509Certificate } from 'node:crypto'
import { type CompactJWSHeaderParameters, CompactSign, compactVerify } from 'jose'
import { fingerprint } from '../words/fingerprint.ts'

/** A server certificate with the CA that it is by, PEM. */
export interface Leaf {
  certificate: string
  authority: string
}

/** A CA that signs: its key, and its certificate in PEM. */
export interface Issuer {
  key: KeyObject
  authority: string
}

const algorithm = 'ES256'

/**
 * Signs a value: a compact JWS whose header has the chain, CA last (RFC 7515 section 4.1.6). `type` keeps a text of one kind from being
 * taken for one of another.
 */
export const signText = (type: string, content: object, key: KeyObject, chain: readonly string[]): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(content)))
    .setProtectedHeader({
      alg: algorithm,
      typ: type,
      x5c: chain.map((pem) => new X509Certificate(pem).raw.toString('base64'))
    })
    .sign(key)

export interface OpenedText {
  content: unknown
  /** Pin of the CA in it. */
  pin: string
  /** The certificates in it as PEM, CA last. */
  chain: string[]
}

/**
 * Opens what `signText` made. The CA at the end of its chain must have one of these pins. `keyOf` gives the key that must have signed, or
 * throws. Throws for any other text.
 */
export const openSigned = async (
  type: string,
  text: string,
  keyOf: (leaf: X509Certificate | undefined, authority: X509Certificate) => KeyObject,
  pins: readonly string[]
): Promise<OpenedText> => {
  let found: Omit<OpenedText, 'content'> | undefined
  const { payload } = await compactVerify(
    text,
    (header) => {
      const certificates = chainIn(type, header)
      const [leaf, authority] = certificates.length === 1 ? [undefined, certificates[0]] : certificates
      if (authority === undefined) throw new Error('the text has no CA in it')
      const pin = fingerprint(authority.publicKey)
      if (!authority.ca || !authority.verify(authority.publicKey)) throw new Error('the text ends with no CA')
      if (!pins.includes(pin)) throw new Error(`it is by the CA with key ${pin}, expected ${pins.join(' or ')}`)
      found = { pin, chain: certificates.map((certificate) => certificate.toString()) }
      return keyOf(leaf, authority)
    },
    { algorithms: [algorithm] }
  )
  if (found === undefined) throw new Error('the text was not looked at')
  return { ...found, content: JSON.parse(Buffer.from(payload).toString()) }
}

/** The one or two certificates of a header that has nothing else than `signText` writes. */
const chainIn = (type: string, { alg, typ, x5c, ...rest }: CompactJWSHeaderParameters): X509Certificate[] => {
  if (typ !== type || Object.keys(rest).length > 0) throw new Error(`it is no ${type}`)
  if (!Array.isArray(x5c) || x5c.length < 1 || x5c.length > 2)
    throw new Error('it has no chain of one or two certificates')
  return x5c.map((der) => {
    const certificate = new X509Certificate(Buffer.from(String(der), 'base64'))
    // what is read must be what stands there: no trailing bytes, no second encoding
    if (certificate.raw.toString('base64') !== der)
      throw new Error('a certificate in it is not written as it should be')
    return certificate
  })
}
