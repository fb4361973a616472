import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type KeyAlgorithm, usualKeyAlgorithm } from '@joinery/protocol'

/** makeKey makes a new key, as PEM (PKCS#8) in the form that Go reads. */
export const makeKey = (algorithm: KeyAlgorithm = usualKeyAlgorithm): string => {
  const { privateKey } = makers[algorithm]()
  return seedOnly(privateKey) ?? privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const makers: Readonly<Record<KeyAlgorithm, () => { privateKey: KeyObject }>> = {
  'ECDSA-P256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ECDSA-P384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'RSA-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA-3072': () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  'RSA-4096': () => generateKeyPairSync('rsa', { modulusLength: 4096 }),
  'ML-DSA-44': () => generateKeyPairSync('ml-dsa-44'),
  'ML-DSA-65': () => generateKeyPairSync('ml-dsa-65'),
  'ML-DSA-87': () => generateKeyPairSync('ml-dsa-87')
}

/**
 * PEM of an ML-DSA key by its seed alone (RFC 9881, section 6). OpenSSL writes the expanded key beside the seed, and Go refuses a key
 * with both. Undefined for a key of another kind.
 */
const seedOnly = (key: KeyObject): string | undefined => {
  const number = mlDsaNumbers[key.asymmetricKeyType ?? '']
  if (number === undefined) return undefined
  const { priv = '' } = key.export({ format: 'jwk' }) as { priv?: string }
  const head = `3034020100300b06096086480165030403${number}04228020`
  const der = Buffer.concat([Buffer.from(head, 'hex'), Buffer.from(priv, 'base64url')])
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`
}

/** The last numbers of the object identifiers, 2.16.840.1.101.3.4.3.17 to 19, in hex. */
const mlDsaNumbers: Readonly<Record<string, string>> = { 'ml-dsa-44': '11', 'ml-dsa-65': '12', 'ml-dsa-87': '13' }
